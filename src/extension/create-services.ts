import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { HostServices } from '../node/case/host/host-services.ts';
import { ShownProposals } from '../node/case/host/shown-proposals.ts';
import type { CaseInCohort } from '../node/case/open/session-context.ts';
import type { WorkWitness } from '../node/case/open/work-witness.ts';
import { SecondReviewers } from '../node/case/second-review/second-reviewers.ts';
import type { CaseSession } from '../node/case/session/case-session.ts';
import { SessionRegistry } from '../node/case/session/session-registry.ts';
import { type LabelUse, LabelUses } from '../node/cohort/labels/label-uses.ts';
import { CurrentCohort } from './cohort/current-cohort.ts';
import { WatchedOverview } from './cohort/watched-overview.ts';
import { runEditorRequest } from './commands/editor-commands.ts';
import { ImageRenames } from './editor/image/image-renames.ts';
import { EditorStatus } from './editor/page/editor-status.ts';
import { bringToFront, isTabInFront } from './editor/unsaved/left-documents.ts';
import { VolumeEditorProvider } from './editor/volume-editor-provider.ts';
import { ActiveClock } from './effort/active-clock.ts';
import { showSliceHistory } from './effort/slice-history.ts';
import { engineFolders } from './engine/engine-folders.ts';
import { EngineHost } from './engine/engine-host.ts';
import { CohortWatches } from './platform/cohort-watches.ts';
import { reportError, reports } from './platform/messages.ts';
import { watchFile } from './second-reviewer/watch-file.ts';
import type { Services } from './services.ts';
import { askAboutPlace, type ShownSession } from './session/ask-about-place.ts';
import { askScopeOfLabelChange } from './session/ask-label-scope.ts';
import { watchCaseFiles } from './session/case-files-watch.ts';
import { NoModel } from './session/no-model.ts';
import { TrainingMemory } from './training/training-memory.ts';
import { TrainingRuns } from './training/training-runs.ts';
import { Volumes } from './volumes.ts';

/** Makes one of each service for this window. What has to end with the window is disposed of with the extension. */
export function createServices(context: vscode.ExtensionContext): Services {
  const file = (name: string) => vscode.Uri.joinPath(context.extensionUri, 'dist', name);
  const volumes = new Volumes(file('volume-worker.js'));
  const engines = new EngineHost(file('engine.js'), () => engineFolders(context));
  const noModel = new NoModel((): WatchedOverview => overview);
  const status = new EditorStatus(engines, noModel);
  const activeClock = new ActiveClock();
  const watches = new CohortWatches();
  const renames = new ImageRenames();
  const usesOfLabel = labelSearch(volumes);
  const sessions = new SessionRegistry(
    {
      labelFiles: () => volumes.client,
      witness: witnessOf(status, activeClock),
      reports,
      agreesToSave: askBeforeSave,
      usesOfLabel,
      mayComplete: () => vscode.workspace.isTrusted,
    },
    (session) =>
      vscode.Disposable.from(
        watchCaseFiles(session, watches, (path) => renames.isLeaving(path)),
        askAboutPlace(
          session,
          shownIn(() => editors, session),
        ),
      ),
  );
  const secondReviewers = secondReviewersOf(volumes, engines);
  const proposals = new ShownProposals(() => volumes.client, reports);
  const editors: VolumeEditorProvider = new VolumeEditorProvider({
    context,
    volumes,
    sessions,
    watches,
    renames,
    status,
    host: hostServices({ sessions, secondReviewers, activeClock, status }, usesOfLabel),
    restoreProposal: (document) => proposals.bringBack(document),
    runCommand: runEditorRequest,
  });
  const cohort = new CurrentCohort(editors, watches);
  const overview: WatchedOverview = new WatchedOverview(cohort);
  const trainingMemory = new TrainingMemory(context.workspaceState);
  const training = new TrainingRuns(engines, trainingMemory);
  const owned = { volumes, engines, status, secondReviewers, cohort, overview, training, trainingMemory, activeClock };
  context.subscriptions.push(
    // The status says how many cases are labelled where no model predicts.
    overview.onDidChange(() => status.changed()),
    renames,
    ...Object.values(owned),
    // The files that say which cases are held out may be changed by a training, another window or a hand.
    cohort.onDidChangeFiles(() => status.changed()),
  );
  return { ...owned, context, sessions, editors, proposals, noModel, command: commandsOf(context) };
}

/**
 * Files are read to find out which cases a change of a label touches, but nobody waits longer than this for a question.
 */
const LABEL_SEARCH_MS = 5000;

type LabelSearch = (place: CaseInCohort, value: number) => Promise<LabelUse>;

function labelSearch(volumes: Volumes): LabelSearch {
  const uses = new LabelUses(async (path) => (await volumes.client.readLabels(path)).table.map(({ value }) => value));
  return ({ store, files }, value) => uses.of(value, store, files.labels, LABEL_SEARCH_MS);
}

function witnessOf(status: EditorStatus, activeClock: ActiveClock): WorkWitness {
  return {
    reviewerName: (folder) => status.reviewerName(folder),
    uncountedSeconds: (labels) => activeClock.uncountedSeconds(labels),
    counted: (labels, seconds) => activeClock.counted(labels, seconds),
    broughtBack: (labels, seconds) => activeClock.broughtBack(labels, seconds),
  };
}

/** @param editors is called when it is needed, because sessions are made before their editors */
function shownIn(editors: () => VolumeEditorProvider, session: CaseSession): ShownSession {
  const documents = () => [...editors().documents].filter((each) => each.session === session);
  return {
    readOnlyReason: () => documents()[0]?.readOnlyReason ?? null,
    // The editors do not know a tab that is still opening.
    isInFront: () => documents().some(isTabInFront),
    bringToFront: async () => {
      const [found] = documents();
      if (found) await bringToFront(found);
    },
  };
}

function secondReviewersOf(volumes: Volumes, engines: EngineHost): SecondReviewers {
  return new SecondReviewers({
    readLabels: (path, known) => volumes.client.readLabels(path, known),
    compareLabels: (params) => engines.compareLabels(params),
    watch: watchFile,
    reports,
    warn: (sentence) => void vscode.window.showWarningMessage(sentence),
  });
}

/** What the editors' hosts share. */
function hostServices(
  {
    sessions,
    secondReviewers,
    activeClock,
    status,
  }: Pick<Services, 'sessions' | 'secondReviewers' | 'activeClock' | 'status'>,
  usesOfLabel: LabelSearch,
): HostServices {
  return {
    hostId: randomUUID(),
    reports,
    secondReviewers,
    cohortLabels: (store) => sessions.cohortLabels(store),
    scopeOfLabelChange: (session, wanted) => askScopeOfLabelChange(session, wanted, usesOfLabel),
    activity: (session, slice) => activeClock.activity(session.files.labels, slice),
    showSliceHistory: (session, slice) => void showSliceHistory(session, slice).catch(reportError),
    reviewerName: (folder) => status.reviewerName(folder),
    tellOfHolding: (session) => status.tellOfHolding(session),
  };
}

function commandsOf(context: vscode.ExtensionContext): Services['command'] {
  return (name, run) => {
    context.subscriptions.push(
      vscode.commands.registerCommand(`voxelLoop.${name}`, async (...args: readonly unknown[]) => {
        try {
          return await run(...args);
        } catch (error) {
          return reportError(error);
        }
      }),
    );
  };
}

async function askBeforeSave(question: string): Promise<boolean> {
  return (await vscode.window.showWarningMessage(question, { modal: true }, 'Save')) === 'Save';
}
