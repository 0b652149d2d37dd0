import type { Proposal } from '../messages/proposal';
import { encodeReadWriteSet } from '../state/read-write-set';
import type { StateSnapshot } from '../state/versioned-state';
import { ContractHost, type ContractClass, type SimulationResult } from './contract-host';
import { encodeProposalResponsePayload } from '../messages/proposal-response';

/** One organisation's own run of a proposal. */
export interface EndorsedRun {
  readonly mspId: string;
  readonly result: SimulationResult;
  /** What the organisation would sign, byte for byte. */
  readonly responsePayload: Uint8Array;
}

/** The endorsing organisations of a channel, each with a chaincode process of its own. */
export class EndorsingHosts {
  readonly #hosts: ReadonlyMap<string, ContractHost>;

  constructor(mspIds: readonly string[], contracts: readonly ContractClass[], executeTimeoutMs?: number) {
    this.#hosts = new Map(mspIds.map((mspId) => [mspId, new ContractHost(contracts, executeTimeoutMs)]));
  }

  /** Runs a proposal once, on the first organisation's peer, as a query does. */
  async evaluate(proposal: Proposal, snapshot: StateSnapshot): Promise<EndorsedRun> {
    for await (const run of this.endorse(proposal, snapshot)) return run;
    throw new RangeError('a channel needs an endorsing organisation');
  }

  /**
   * Runs a proposal on the organisations' peers over the same snapshot, one after the other.
   *
   * @param mspIds the organisations to ask; all of them when empty
   */
  async *endorse(
    proposal: Proposal,
    snapshot: StateSnapshot,
    mspIds: readonly string[] = [],
  ): AsyncGenerator<EndorsedRun> {
    for (const [mspId, host] of this.#hosts) {
      if (mspIds.length > 0 && !mspIds.includes(mspId)) continue;
      const result = await host.execute(proposal, snapshot);
      const readWriteSet = encodeReadWriteSet(proposal.chaincodeName, result.readWriteSet);
      yield { mspId, result, responsePayload: encodeProposalResponsePayload(proposal, result, readWriteSet) };
    }
  }
}

/** Fabric's words for endorsements that differ. */
export const MISMATCH = 'ProposalResponsePayloads do not match';

/** Tells whether all organisations would sign the same bytes. */
export function isAgreed(runs: readonly EndorsedRun[]): boolean {
  const [first, ...others] = runs;
  return others.every(
    ({ responsePayload }) =>
      Buffer.compare(responsePayload, first?.responsePayload ?? new Uint8Array()) === 0,
  );
}
