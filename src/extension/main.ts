import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { HostCommand } from '../core/protocol/editor-contract.ts';
import { toolAction, toolCommand } from '../core/tools/known-tools.ts';
import { TOOLS } from '../core/tools/registry.ts';
import type { PerformedAction } from '../node/case/host/editor-host.ts';
import { ShownProposals } from '../node/case/host/shown-proposals.ts';
import type { CaseInCohort } from '../node/case/open/session-context.ts';
import { SecondReviewers } from '../node/case/second-review/second-reviewers.ts';
import type { CaseSession } from '../node/case/session/case-session.ts';
import { SessionRegistry } from '../node/case/session/session-registry.ts';
import { LabelUses } from '../node/cohort/labels/label-uses.ts';
import { registerAgents } from './agents/register.ts';
import type { VoxelLoopExports } from './api.ts';
import { CurrentCohort } from './cohort/current-cohort.ts';
import { registerCohort } from './cohort/register.ts';
import { WatchedOverview } from './cohort/watched-overview.ts';
import { predictOpenCase } from './commands/predict.ts';
import type { VolumeDocument } from './editor/document/volume-document.ts';
import { exportLabelMap } from './editor/export/export-label-map.ts';
import { ImageRenames } from './editor/image/image-renames.ts';
import type { EditorPanel } from './editor/page/editor-panel.ts';
import { EditorStatus } from './editor/page/editor-status.ts';
import { areTabsLeftBehind, reopenLeftBehind } from './editor/unsaved/left-behind-tabs.ts';
import { bringToFront, isTabInFront } from './editor/unsaved/left-documents.ts';
import { providerOfViewType } from './editor/view-type-provider.ts';
import { VolumeEditorProvider } from './editor/volume-editor-provider.ts';
import { ActiveClock } from './effort/active-clock.ts';
import { registerEffort } from './effort/register-effort.ts';
import { showSliceHistory } from './effort/slice-history.ts';
import { engineFolders } from './engine/engine-folders.ts';
import { EngineHost } from './engine/engine-host.ts';
import { registerEngines } from './engine/register-engines.ts';
import { registerModels } from './models/register-models.ts';
import { CohortWatches } from './platform/cohort-watches.ts';
import { disposeLog, log } from './platform/log.ts';
import { reportError, reports, text } from './platform/messages.ts';
import { VIEW_TYPES } from './platform/view-type.ts';
import { registerReviewQueue } from './review/register-review-queue.ts';
import { registerSecondReviewer } from './second-reviewer/register.ts';
import { watchFile } from './second-reviewer/watch-file.ts';
import type { Services } from './services.ts';
import { askAboutPlace, type ShownSession } from './session/ask-about-place.ts';
import { askScopeOfLabelChange } from './session/ask-label-scope.ts';
import { watchCaseFiles } from './session/case-files-watch.ts';
import { NoModel } from './session/no-model.ts';
import { registerTraining } from './training/register-training.ts';
import { TrainingMemory } from './training/training-memory.ts';
import { TrainingRuns } from './training/training-runs.ts';
import { Volumes } from './volumes.ts';

/** The active editor carries out these commands, because it knows the slice, the tool and the brush. */
const EDITOR_COMMANDS: Readonly<Record<string, PerformedAction>> = {
  acceptSlice: 'accept-slice',
  acceptAllSlices: 'accept-all',
  rejectSlice: 'reject-slice',
  rejectAllSlices: 'reject-all',
  unacceptSlice: 'unaccept-slice',
  markRange: 'mark-range',
  acceptComponent: 'accept-component',
  rejectComponent: 'reject-component',
  acceptLabel: 'accept-label',
  nextUnreviewedSlice: 'next-unreviewed-slice',
  toolNavigate: 'tool-navigate',
  ...Object.fromEntries(TOOLS.map(({ id }) => [toolCommand(id), toolAction(id)])),
  brushLarger: 'brush-larger',
  brushSmaller: 'brush-smaller',
  sliceForward: 'slice-forward',
  sliceBackward: 'slice-backward',
  resetWindow: 'reset-window',
  toggleLabels: 'toggle-labels',
  showSliceHistory: 'show-slice-history',
  nextDisagreement: 'next-disagreement',
  takeMine: 'take-mine',
  takeTheirs: 'take-theirs',
  takeTheirsHere: 'take-theirs-here',
};

/**
 * VS Code calls this when a volume or our view is opened, when one of our commands is run, and where the workspace
 * holds a cohort that was worked with, because a training or a prediction may wait to go on. (VS Code recognises such a
 * workspace by our `.gitignore`: its search does not find the files that this one names.)
 */
export function activate(context: vscode.ExtensionContext): VoxelLoopExports {
  const services = createServices(context);
  const { command, editors } = services;
  context.subscriptions.push(
    ...VIEW_TYPES.map((viewType) =>
      vscode.window.registerCustomEditorProvider(viewType, providerOfViewType(editors), {
        supportsMultipleEditorsPerDocument: true,
      }),
    ),
    { dispose: disposeLog },
  );
  void reopenAfterRestart(services);
  for (const [name, action] of Object.entries(EDITOR_COMMANDS)) {
    command(name, () => {
      const panel = editors.activePanel;
      if (panel) panel.host.perform(action);
      else void vscode.window.showInformationMessage(text.noActiveEditor);
    });
  }
  // These commands serve keys that are pressed outside the page; the page puts its own in order.
  command('undo', () => runEditorRequest('undo', whileTabIsActive()));
  command('redo', () => runEditorRequest('redo', whileTabIsActive()));
  command('closeEditor', () => closeWhenSaved(editors.activePanel));
  command('predict', () => withDocument(editors, (document) => predictOpenCase(document, services)));
  command('exportLabelMap', () => withDocument(editors, exportLabelMap));
  registerSecondReviewer(services);
  command('showLog', () => log().show());
  registerEffort(services);
  registerCohort(services);
  registerReviewQueue(services);
  registerTraining(services);
  registerModels(services);
  registerEngines(services);
  return registerAgents(services);
}

/** Takes over the editors that an earlier extension host has left behind. */
async function reopenAfterRestart({ context, editors }: Services): Promise<void> {
  try {
    const isOpenHere = (uri: vscode.Uri) => editors.isOpen(uri);
    if (await areTabsLeftBehind(context, isOpenHere)) await reopenLeftBehind(editors);
  } catch (error) {
    reportError(error);
  }
}

function createServices(context: vscode.ExtensionContext): Services {
  const file = (name: string) => vscode.Uri.joinPath(context.extensionUri, 'dist', name);
  const volumes = new Volumes(file('volume-worker.js'));
  const engines = new EngineHost(file('engine.js'), () => engineFolders(context));
  const noModel = new NoModel((): WatchedOverview => overview);
  const status = new EditorStatus(engines, noModel);
  const activeClock = new ActiveClock();
  const witness = {
    reviewerName: (folder: string) => status.reviewerName(folder),
    uncountedSeconds: (labels: string) => activeClock.uncountedSeconds(labels),
    counted: (labels: string, seconds: ReadonlyMap<number, number>) => activeClock.counted(labels, seconds),
    broughtBack: (labels: string, seconds: ReadonlyMap<number, number>) => activeClock.broughtBack(labels, seconds),
  };
  const watches = new CohortWatches();
  const labelUses = new LabelUses(async (path) =>
    (await volumes.client.readLabels(path)).table.map(({ value }) => value),
  );
  const usesOfLabel = ({ store, files }: CaseInCohort, value: number) =>
    labelUses.of(value, store, files.labels, LABEL_SEARCH_MS);
  const renames = new ImageRenames();
  const shown = (session: CaseSession): ShownSession => {
    const document = () => [...editors.documents].find((each) => each.session === session);
    return {
      readOnlyReason: () => document()?.readOnlyReason ?? null,
      // The editors do not know a tab that is still opening.
      isInFront: () => [...editors.documents].some((each) => each.session === session && isTabInFront(each)),
      bringToFront: async () => {
        const found = document();
        if (found) await bringToFront(found);
      },
    };
  };
  const sessions = new SessionRegistry(
    {
      labelFiles: () => volumes.client,
      witness,
      reports,
      agreesToSave: askBeforeSave,
      usesOfLabel,
      mayComplete: () => vscode.workspace.isTrusted,
    },
    (session) =>
      vscode.Disposable.from(
        watchCaseFiles(session, watches, (path) => renames.isLeaving(path)),
        askAboutPlace(session, shown(session)),
      ),
  );
  const secondReviewers = new SecondReviewers({
    readLabels: (path, known) => volumes.client.readLabels(path, known),
    compareLabels: (params) => engines.compareLabels(params),
    watch: watchFile,
    reports,
    warn: (sentence) => void vscode.window.showWarningMessage(sentence),
  });
  const proposals = new ShownProposals(() => volumes.client, reports);
  const editors: VolumeEditorProvider = new VolumeEditorProvider({
    context,
    volumes,
    sessions,
    watches,
    renames,
    status,
    host: {
      hostId: randomUUID(),
      reports,
      secondReviewers,
      cohortLabels: (store) => sessions.cohortLabels(store),
      scopeOfLabelChange: (session, wanted) => askScopeOfLabelChange(session, wanted, usesOfLabel),
      activity: (session, slice) => activeClock.activity(session.files.labels, slice),
      showSliceHistory: (session, slice) => void showSliceHistory(session, slice).catch(reportError),
      reviewerName: (folder) => status.reviewerName(folder),
      tellOfHolding: (session) => status.tellOfHolding(session),
    },
    restoreProposal: (document) => proposals.bringBack(document),
    runCommand: runEditorRequest,
  });
  const cohort = new CurrentCohort(editors, watches);
  const overview: WatchedOverview = new WatchedOverview(cohort);
  // The status says how many cases are labelled where no model predicts.
  context.subscriptions.push(overview.onDidChange(() => status.changed()));
  const trainingMemory = new TrainingMemory(context.workspaceState);
  const training = new TrainingRuns(engines, trainingMemory);
  context.subscriptions.push(
    renames,
    volumes,
    engines,
    status,
    secondReviewers,
    cohort,
    overview,
    training,
    trainingMemory,
    activeClock,
  );
  // The files that say which cases are held out may be changed by a training, another window or a hand.
  context.subscriptions.push(cohort.onDidChangeFiles(() => status.changed()));
  const command: Services['command'] = (name, run) => {
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
  return {
    context,
    volumes,
    engines,
    sessions,
    editors,
    status,
    secondReviewers,
    proposals,
    cohort,
    overview,
    noModel,
    training,
    trainingMemory,
    activeClock,
    command,
  };
}

function whileTabIsActive(): () => boolean {
  const { activeTab } = vscode.window.tabGroups.activeTabGroup;
  return () => vscode.window.tabGroups.activeTabGroup.activeTab === activeTab;
}

async function askBeforeSave(question: string): Promise<boolean> {
  return (await vscode.window.showWarningMessage(question, { modal: true }, 'Save')) === 'Save';
}

/**
 * Files are read to find out which cases a change of a label touches, but nobody waits longer than this for a question.
 */
const LABEL_SEARCH_MS = 5000;

/** An editor may ask VS Code to run these commands. */
const EDITOR_REQUESTS = {
  predict: 'voxelLoop.predict',
  retrain: 'voxelLoop.retrain',
  undo: 'undo',
  redo: 'redo',
  'next-to-review': 'voxelLoop.nextToReview',
} as const satisfies Readonly<Record<Exclude<HostCommand, 'save'>, string>>;

/** This resolves with the last undo or redo: VS Code drops one that comes while another one runs. */
let lastMove: Promise<unknown> = Promise.resolve();

/**
 * @param isStillMeant tells whether the editor that was meant has the focus, because VS Code undoes in the one that has
 * it
 */
async function runEditorRequest(
  request: keyof typeof EDITOR_REQUESTS,
  isStillMeant: () => boolean = () => true,
): Promise<void> {
  const run = async () => {
    if (!isStillMeant()) return;
    try {
      await vscode.commands.executeCommand(EDITOR_REQUESTS[request]);
    } catch (error) {
      log().error(`${EDITOR_REQUESTS[request]}:`, error);
    }
  };
  if (request !== 'undo' && request !== 'redo') return run();
  lastMove = lastMove.then(run);
  await lastMove;
}

/** Strokes that wait for an undo settle within milliseconds, so this time is generous. */
const MOST_SETTLING_MS = 2000;

/**
 * Closes the tab that is in front. To VS Code a custom editor is unsaved until its save has ended, so it would ask
 * whether to save while a save runs. The tab is therefore closed after that, and after VS Code knows of what was drawn
 * meanwhile.
 */
async function closeWhenSaved(editor: EditorPanel | undefined): Promise<void> {
  const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
  await editor?.document.edits?.savesEnded();
  // A page that does not answer must not keep the tab open.
  await Promise.race([editor?.host.settled(), sleep(MOST_SETTLING_MS)]);
  await editor?.document.edits?.savesEnded();
  // Somebody else may have closed it meanwhile.
  if (tab && vscode.window.tabGroups.all.some(({ tabs }) => tabs.includes(tab)))
    await vscode.window.tabGroups.close(tab);
}

async function withDocument(
  provider: VolumeEditorProvider,
  run: (document: VolumeDocument) => Promise<void>,
): Promise<void> {
  const document = provider.activePanel?.document;
  if (document) await run(document);
  else void vscode.window.showInformationMessage(text.noActiveEditor);
}
