import { EkoError, type ErrorCode } from '@eko/protocol';
import {
  AttestDestruction,
  EndStream,
  ReassignOrchestrators,
  RecordDealings,
  TRANSACTIONS,
} from '@eko/protocol/ledger';
import { parseWith } from '@eko/protocol/encoding';
import type { Ledger } from '@eko/sdk';
import { CHANNEL } from '../../support/simulated/dealer-harness';
import type { LedgerModel } from '../../support/simulated/ledger-model';
import { nextTurn, refuseDead } from '../../support/simulated/process-life';

interface MortalLedgerParts {
  readonly nodeId: string;
  readonly alive: { readonly isAlive: boolean };
  readonly model: LedgerModel;
  readonly nowUnixMs: () => number;
  /** Whether something of this probability fails now. */
  readonly fails: (probability: number) => boolean;
}

/** The ledger's model as one process sees it: calls fail by chance, and all of them once the process is killed. */
export function newMortalLedger({ nodeId, alive, model, nowUnixMs, fails }: MortalLedgerParts): Ledger {
  const submit = async (name: string, argument: unknown): Promise<ErrorCode | undefined> => {
    switch (name) {
      case TRANSACTIONS.recordDealings:
        return model.recordDealings(nodeId, parseWith(RecordDealings, argument, name), nowUnixMs());
      case TRANSACTIONS.reassignOrchestrators: {
        const { fence } = parseWith(ReassignOrchestrators, argument, name);
        return model.reassign(fence, nowUnixMs());
      }
      case TRANSACTIONS.endStream:
        parseWith(EndStream, argument, name);
        return model.end();
      case TRANSACTIONS.attestDestruction:
        return model.attest(parseWith(AttestDestruction, argument, name), nodeId, nowUnixMs());
      default:
        return 'INTERNAL';
    }
  };
  return {
    channel: CHANNEL,
    chaincode: 'eko',
    submit: async (name, argument) => {
      await nextTurn();
      refuseDead(alive);
      if (fails(0.1)) throw new EkoError('LEDGER_UNAVAILABLE', 'No peer answers');
      const code = await submit(name, argument);
      if (code !== undefined) throw new EkoError(code, 'The model refuses');
      if (fails(0.1)) throw new EkoError('COMMIT_UNKNOWN', 'The commit status was lost');
      return { txId: 'a'.repeat(64), blockNumber: 1n, result: undefined as never };
    },
    evaluate: () => Promise.reject(new EkoError('INTERNAL', 'The model is not asked')),
    // eslint-disable-next-line require-yield -- an iteration that only fails
    events: async function* () {
      throw new EkoError('INTERNAL', 'Events are fed by hand');
    },
    close: () => undefined,
  };
}
