import * as vscode from 'vscode';
import { checkToolInput, shortList, type ToolInput, type ToolName } from '../../core/protocol/agent-contract.ts';
import type { VoxelLoopApi } from '../api.ts';
import { sentenceFor } from '../platform/messages.ts';
import { chosenCohort } from './chosen-cohort.ts';

interface Tool<Name extends ToolName> {
  /** The progress message, for instance "Listing the cases". */
  readonly running: (input: ToolInput<Name>) => string;
  /** The user must agree to this first; it is absent where the tool only reads. */
  readonly confirm?: (input: ToolInput<Name>) => { readonly title: string; readonly message: string };
  /** Runs the tool. The model gets the result as JSON. */
  readonly run: (input: ToolInput<Name>, token: vscode.CancellationToken) => Promise<unknown>;
}

/**
 * Registers the extension's operations as tools of language models (`contributes.languageModelTools`). Some hosts lack
 * that API, and then there are none.
 */
export function registerTools(api: VoxelLoopApi): vscode.Disposable {
  // Editors that are made from VS Code may lack it.
  const lm: Partial<typeof vscode.lm> | undefined = vscode.lm;
  if (!lm?.registerTool) return new vscode.Disposable(() => undefined);
  const tools = toolsOf(api);
  const register = <Name extends ToolName>(name: Name) => vscode.lm.registerTool(name, asTool<Name>(name, tools[name]));
  return vscode.Disposable.from(
    register('voxelLoop_listCases'),
    register('voxelLoop_needsReview'),
    register('voxelLoop_compareModels'),
    register('voxelLoop_predict'),
    register('voxelLoop_retrain'),
  );
}

type Tools = { readonly [Name in ToolName]: Tool<Name> };

function toolsOf(api: VoxelLoopApi): Tools {
  const where = ({ cohort }: { readonly cohort?: string | undefined }) =>
    cohort === undefined ? {} : { cohort: chosenCohort(cohort) };
  return {
    voxelLoop_listCases: {
      running: () => 'Listing the cases',
      run: async (input) => {
        const cases = (await api.listCases(where(input))).filter(
          ({ state }) => input.state === undefined || state === input.state,
        );
        const states: Record<string, number> = {};
        for (const { state } of cases) states[state] = (states[state] ?? 0) + 1;
        // Paths are long and of no use to a model, which names cases by id.
        const listed = cases.map(({ images: _images, labels: _labels, ...rest }) => rest);
        return { cases: cases.length, states, ...shortList(listed, input.limit) };
      },
    },
    voxelLoop_needsReview: {
      running: () => 'Looking at what waits for review',
      run: async (input) => {
        const waiting = await api.needsReview(where(input));
        return { cases: waiting.length, ...shortList(waiting, input.limit) };
      },
    },
    voxelLoop_compareModels: {
      running: ({ version, other }) => `Comparing models ${version} and ${other}`,
      run: async (input) => {
        const compared = await api.compareModels({ ...where(input), version: input.version, other: input.other });
        const { items, more } = shortList(compared.byCase, 20);
        return { ...compared, byCase: items, ...(more !== undefined && { moreCases: more }) };
      },
    },
    voxelLoop_predict: {
      running: ({ cases }) => `Predicting ${cases.length === 1 ? cases[0] : `${cases.length} cases`}`,
      confirm: ({ cases }) => ({
        title: 'Predict with Voxel Loop',
        message: `Proposes labels for ${cases.length === 1 ? cases[0] : `${cases.length} cases`}. Nothing that anybody drew is changed.`,
      }),
      run: async (input, token) => {
        const predicted = await api.predict({ ...where(input), cases: input.cases, token });
        return { predicted };
      },
    },
    voxelLoop_retrain: {
      running: () => 'Retraining the model',
      confirm: ({ minutes }) => ({
        title: 'Retrain the Voxel Loop model',
        message: `Trains a new model version on the slices that are accepted and saved${minutes === undefined ? '' : ` for ${minutes} minutes`}. It takes the place of the active one only if it is not worse on the held-out cases.`,
      }),
      run: (input, token) =>
        api.retrain({ ...where(input), ...(input.minutes !== undefined && { minutes: input.minutes }), token }),
    },
  };
}

/** The input is checked here too, because only VS Code checks what passes through VS Code. */
function asTool<Name extends ToolName>(name: Name, tool: Tool<Name>): vscode.LanguageModelTool<unknown> {
  return {
    prepareInvocation: ({ input }) => {
      const checked = checkToolInput(name, input);
      return {
        invocationMessage: tool.running(checked),
        ...(tool.confirm && { confirmationMessages: tool.confirm(checked) }),
      };
    },
    invoke: async ({ input }, token) => {
      try {
        const answer = await tool.run(checkToolInput(name, input), token);
        return textResult(JSON.stringify(answer, rounded));
      } catch (error) {
        if (token.isCancellationRequested) throw new vscode.CancellationError();
        // A sentence that says what to do next helps a model as it helps a person.
        return textResult(sentenceFor(error) ?? 'Cancelled.');
      }
    },
  };
}

function textResult(text: string): vscode.LanguageModelToolResult {
  return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
}

/** Long numbers use up a model's attention, so they are rounded. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
}
