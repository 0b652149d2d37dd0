import { EkoError, isEkoError, type ErrorCode } from '@eko/protocol';
import {
  Dealing,
  TRANSACTIONS,
  VrfProof,
  type NodeRecord,
  type TransactionName,
  type TransactionArgument,
} from '@eko/protocol/ledger';
import {
  LABELS,
  dealingStatement,
  verifyRecordSignature,
  type SignatureVerifier,
} from '@eko/protocol/crypto';
import { NODE_ROUTES, type VrfProofRequest } from '@eko/protocol/rest';
import type { Ledger } from '@eko/sdk';
import type { PeerCaller } from '@eko/sdk/node';
import type { LeadEffect, LeadEvent } from '../core/lead-messages';
import type { CompleteDealing } from '../core/new-dealing';
import type { OrchestratorState } from '../core/orchestrator-state';
import type { OrchestratorObserver } from './orchestrator-observer';
import type { Dealer, Registry } from './dealer';
import { newStopController } from './stop-controller';

/** What leading needs. */
export interface LeadRunnerDeps {
  readonly nodeId: string;
  readonly ledger: Pick<Ledger, 'submit' | 'channel'>;
  readonly registry: Pick<Registry, 'node'>;
  readonly peers: PeerCaller;
  readonly verify: SignatureVerifier;
  readonly dealer: Dealer;
  readonly prove: (request: VrfProofRequest, signal: AbortSignal) => Promise<VrfProof>;
  readonly observer: OrchestratorObserver;
  /** For a peer's proof. */
  readonly proofMs: number;
  /** For a peer's dealing, deliveries included. */
  readonly dealingMs: number;
  /** For a transaction to be committed. */
  readonly submitMs: number;
}

/** Performs what the core of a lead decides, and turns what comes of it into the core's events. */
export class LeadRunner {
  readonly #deps: LeadRunnerDeps;
  /** The own dealing of each attempt under way: its holders are what the others' dealings are checked against. */
  readonly #own = new Map<string, CompleteDealing>();
  readonly #stopping = newStopController();

  constructor(deps: LeadRunnerDeps) {
    this.#deps = deps;
  }

  /**
   * Performs one effect.
   * @returns the event that it leads to, `undefined` where only the ledger will tell
   */
  async perform(state: OrchestratorState, effect: LeadEffect): Promise<LeadEvent | undefined> {
    const { bundleId } = state.bundle;
    switch (effect.kind) {
      case 'requestProof':
        return this.#orPeerFailed(state, effect, async () => ({
          kind: 'proof',
          attempt: effect.attempt,
          proof: await this.#proofOf(bundleId, effect),
        }));
      case 'requestDealing':
        return this.#orPeerFailed(state, effect, async () => ({
          kind: 'dealing',
          attempt: effect.attempt,
          dealing: await this.#dealingOf(bundleId, effect),
        }));
      case 'submitDealings':
        return this.#submitDealings(state, effect);
      case 'reassign':
        await this.#submit(TRANSACTIONS.reassignOrchestrators, bundleId, effect.argument);
        return undefined;
      case 'end':
        await this.#submit(TRANSACTIONS.endStream, bundleId, effect.argument);
        return undefined;
    }
  }

  /** Forgets what was dealt for a bundle. */
  forget(bundleId: string): void {
    this.#own.delete(bundleId);
  }

  /** Ends every call under way. */
  stop(): void {
    this.#stopping.abort();
  }

  async #orPeerFailed(
    state: OrchestratorState,
    effect: Extract<LeadEffect, { kind: 'requestProof' | 'requestDealing' }>,
    work: () => Promise<LeadEvent>,
  ): Promise<LeadEvent> {
    try {
      return await work();
    } catch (error) {
      if (!isEkoError(error)) throw error;
      const { code } = error;
      const culprit = (code === 'BAD_PROOF' && (await this.#badProver(state, effect))) || effect.peer;
      this.#deps.observer.peerFailed(state.bundle.bundleId, culprit, code);
      const full = effect.peer === this.#deps.nodeId ? fullWitnesses(error) : [];
      return {
        kind: 'peerFailed',
        attempt: effect.attempt,
        peer: culprit,
        code,
        ...(full.length === 0 ? {} : { full }),
      };
    }
  }

  /**
   * A bad proof shows at the dealers; its maker is to be named in this node's log, not they. But who says that a proof is
   * bad is not believed: what was sent to it is verified here.
   */
  async #badProver(
    state: OrchestratorState,
    effect: Extract<LeadEffect, { kind: 'requestProof' | 'requestDealing' }>,
  ): Promise<string | undefined> {
    if (effect.kind === 'requestProof') return undefined;
    try {
      await this.#deps.dealer.verifyProofs(state, effect.proofs);
      return undefined;
    } catch (error) {
      if (!isEkoError(error)) throw error;
      const { orchestrator } = error.details;
      return state.assignment.orchestrators.find(
        (nodeId) => error.code === 'BAD_PROOF' && nodeId === orchestrator,
      );
    }
  }

  async #proofOf(bundleId: string, { peer, fence }: { peer: string; fence: number }): Promise<VrfProof> {
    const { nodeId, peers, prove, proofMs } = this.#deps;
    const request: VrfProofRequest = { bundleId, fence };
    const { signal } = this.#stopping;
    const proof =
      peer === nodeId
        ? await prove(request, signal)
        : await peers.call({
            node: this.#require(peer),
            route: NODE_ROUTES.vrfProof,
            body: request,
            answerSchema: VrfProof,
            deadlineMs: proofMs,
            signal,
          });
    if (proof.orchestrator !== peer) throw misnamed(peer);
    return proof;
  }

  async #dealingOf(
    bundleId: string,
    effect: Extract<LeadEffect, { kind: 'requestDealing' }>,
  ): Promise<Dealing> {
    const { nodeId, peers, dealer, dealingMs } = this.#deps;
    const { peer, epoch, fence, proofs } = effect;
    const request = { bundleId, epoch, fence, proofs: [...proofs] };
    const { signal } = this.#stopping;
    if (peer === nodeId) {
      const own = await dealer.deal(nodeId, request, signal);
      this.#own.set(bundleId, own);
      return own.dealing;
    }
    const dealing = await peers.call({
      node: this.#require(peer),
      route: NODE_ROUTES.deal,
      body: request,
      answerSchema: Dealing,
      deadlineMs: dealingMs,
      signal,
    });
    if (dealing.dealer !== peer) throw misnamed(peer);
    return dealing;
  }

  async #submitDealings(
    state: OrchestratorState,
    { attempt, argument }: Extract<LeadEffect, { kind: 'submitDealings' }>,
  ): Promise<LeadEvent | undefined> {
    const { bundleId } = state.bundle;
    const unsound = argument.dealings.find((dealing) => !this.#isSound(state, argument.fence, dealing));
    if (unsound !== undefined) {
      this.#deps.observer.peerFailed(bundleId, unsound.dealer, 'BAD_SIGNATURE');
      return { kind: 'peerFailed', attempt, peer: unsound.dealer, code: 'BAD_SIGNATURE' };
    }
    const code = await this.#submit(TRANSACTIONS.recordDealings, bundleId, argument);
    return code === undefined ? undefined : { kind: 'submitFailed', attempt, code };
  }

  /** What the ledger would refuse without saying so in time: a wrong dealer is found here and named. */
  #isSound({ bundle }: OrchestratorState, fence: number, dealing: Dealing): boolean {
    const { ledger, verify } = this.#deps;
    const own = this.#own.get(bundle.bundleId);
    if (own === undefined || dealing.envelopes.length !== own.holders.length) return false;
    const { holders, epoch } = own;
    const statement = dealingStatement({
      channel: ledger.channel,
      bundle,
      epoch,
      fence,
      holders,
      dealing,
    });
    try {
      const { keys } = this.#require(dealing.dealer);
      verifyRecordSignature(LABELS.dealingSignature, statement, dealing.signature, keys.sign, verify);
      return true;
    } catch (error) {
      if (isEkoError(error)) return false;
      throw error;
    }
  }

  async #submit<Name extends TransactionName>(
    name: Name,
    bundleId: string,
    argument: TransactionArgument<Name>,
  ): Promise<ErrorCode | undefined> {
    const { ledger, observer, submitMs } = this.#deps;
    try {
      await ledger.submit(name, argument, { deadlineMs: submitMs, signal: this.#stopping.signal });
      observer.submitted(name, bundleId, undefined);
      return undefined;
    } catch (error) {
      if (!isEkoError(error)) throw error;
      observer.submitted(name, bundleId, error.code);
      return error.code;
    }
  }

  #require(nodeId: string): NodeRecord {
    const node = this.#deps.registry.node(nodeId);
    if (node === undefined)
      throw new EkoError('PEER_UNAVAILABLE', `The registration of ${nodeId} has not been seen yet`);
    return node;
  }
}

function misnamed(peer: string): EkoError {
  return new EkoError('BAD_SIGNATURE', `${peer} answered in the name of another`, { details: { peer } });
}

const IS_FULL: ErrorCode = 'STORE_FULL';

/** Which witnesses signed that they are full, by what this node's own deliveries were told. */
function fullWitnesses({ details }: EkoError): readonly string[] {
  const { refused } = details;
  if (!Array.isArray(refused)) return [];
  const texts = refused.filter((each): each is string => typeof each === 'string');
  return texts.flatMap((text) => (text.endsWith(`: ${IS_FULL}`) ? [text.slice(0, -IS_FULL.length - 2)] : []));
}
