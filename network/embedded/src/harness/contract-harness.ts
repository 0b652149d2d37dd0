import type { ContractClass } from '../contracts/contract-host';
import { EndorsingHosts, isAgreed, MISMATCH, type EndorsedRun } from '../contracts/endorsing-hosts';
import { CertificateAuthority, type NodeRole } from '@eko/msp';
import { parseProposal, type Proposal } from '../messages/proposal';
import { buildProposal, encodeCreator } from '../messages/proposal-builder';
import { BlockView, findConflict } from '../state/validation';
import { VersionedState } from '../state/versioned-state';
import { refusal, toOutcome, type CommitCode, type HarnessOutcome } from './harness-outcome';

/** What a contract test runs on. */
export interface ContractHarnessOptions {
  readonly contracts: readonly ContractClass[];
  readonly channel: string;
  /** The endorsing organisations' MSP IDs; two by default, so that runs are compared. */
  readonly organisations?: readonly string[];
  /** The clock of the submitters; it stamps proposals. */
  readonly now?: () => Date;
  readonly chaincodeName?: string;
}

/** Who calls a contract in a test: a real certificate of that organisation's authority. */
export interface HarnessIdentity {
  readonly mspId: string;
  readonly certificatePem: string;
}

/** Whom to make a certificate for. */
export interface HarnessIdentityRequest {
  readonly mspId: string;
  readonly name: string;
  /** The NodeOU; `client` by default. */
  readonly ou?: NodeRole;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** An endorsed transaction that is not ordered yet. */
export interface PreparedTransaction {
  readonly outcome: HarnessOutcome;
  /** Puts it into a block of its own, now. */
  readonly commit: () => HarnessOutcome;
}

/** A contract, seen by one caller. */
export interface HarnessCaller {
  /** Endorses and commits. */
  submit(fn: string, ...args: readonly string[]): Promise<HarnessOutcome>;
  /** Runs once, writes nothing. */
  evaluate(fn: string, ...args: readonly string[]): Promise<HarnessOutcome>;
  /** Endorses only, to commit after something else has. */
  prepare(fn: string, ...args: readonly string[]): Promise<PreparedTransaction>;
  /** The same caller, sending a transient map with everything. */
  withTransient(transient: Readonly<Record<string, string>>): HarnessCaller;
}

/**
 * Runs contract classes over an in-memory ledger: the shim's own dispatch and stub, real certificates, read/write sets
 * and conflict checks, every transaction executed by two organisations and compared byte for byte.
 */
export class ContractHarness {
  readonly #options: ContractHarnessOptions;
  readonly #hosts: EndorsingHosts;
  readonly #state = new VersionedState();
  readonly #authorities = new Map<string, Promise<CertificateAuthority>>();

  constructor(options: ContractHarnessOptions) {
    this.#options = options;
    this.#hosts = new EndorsingHosts(options.organisations ?? ['Org1MSP', 'Org2MSP'], options.contracts);
  }

  /** Makes an identity; its authority is made once for each MSP ID. */
  async identity(request: HarnessIdentityRequest): Promise<HarnessIdentity> {
    const { mspId, name, ou = 'client', attributes = {} } = request;
    const authority = this.#authorities.get(mspId) ?? CertificateAuthority.create(`ca.${mspId}`, mspId);
    this.#authorities.set(mspId, authority);
    const { certificatePem } = await (await authority).issue({ commonName: name, role: ou, attributes });
    return { mspId, certificatePem };
  }

  /** The contract as `identity` calls it. */
  as(identity: HarnessIdentity): HarnessCaller {
    return this.#caller(identity, {});
  }

  /** The committed value of a key as text; nothing when there is none. */
  stateOf(key: string): string | undefined {
    const found = this.#state.snapshot().get(key)?.value;
    return found === undefined || found === null ? undefined : Buffer.from(found).toString('utf8');
  }

  #caller(identity: HarnessIdentity, transient: Readonly<Record<string, string>>): HarnessCaller {
    const propose = (args: readonly string[]): Proposal => this.#propose(identity, transient, args);
    return {
      submit: async (...args) => {
        const { outcome, commit } = await this.#prepare(propose(args));
        return outcome.error === undefined ? commit() : outcome;
      },
      evaluate: async (...args) => {
        const proposal = propose(args);
        const { result } = await this.#hosts.evaluate(proposal, this.#state.snapshot());
        return toOutcome(proposal.txId, result);
      },
      prepare: async (...args) => this.#prepare(propose(args)),
      withTransient: (more) => this.#caller(identity, more),
    };
  }

  #propose(
    identity: HarnessIdentity,
    transient: Readonly<Record<string, string>>,
    args: readonly string[],
  ): Proposal {
    const nowMs = (this.#options.now?.() ?? new Date()).getTime();
    return parseProposal(
      buildProposal({
        channelId: this.#options.channel,
        chaincodeName: this.#options.chaincodeName ?? 'eko',
        creator: encodeCreator(identity.mspId, identity.certificatePem),
        args,
        timestamp: { seconds: Math.floor(nowMs / 1000), nanos: (nowMs % 1000) * 1_000_000 },
        transient,
      }),
    );
  }

  async #prepare(proposal: Proposal): Promise<PreparedTransaction> {
    const runs: EndorsedRun[] = [];
    for await (const run of this.#hosts.endorse(proposal, this.#state.snapshot())) {
      runs.push(run);
      if (run.result.status >= 400) break;
    }
    const [first] = runs;
    if (first === undefined) throw new RangeError('the harness needs an organisation');
    const refused = runs.find(({ result }) => result.status >= 400);
    const outcome = toOutcome(proposal.txId, (refused ?? first).result);
    if (refused !== undefined) return { outcome, commit: () => outcome };
    if (!isAgreed(runs)) {
      const mismatch = refusal(proposal.txId, MISMATCH);
      return { outcome: mismatch, commit: () => mismatch };
    }
    return { outcome, commit: () => ({ ...outcome, commitCode: this.#commit(proposal, first) }) };
  }

  #commit(proposal: Proposal, { result: { readWriteSet } }: EndorsedRun): CommitCode {
    const conflict = findConflict(readWriteSet, new BlockView(this.#state.snapshot()));
    const version = { blockNumber: this.#state.height, txNumber: 0 };
    const { txId, timestamp } = proposal;
    const valid = [{ version, txId, timestamp, writes: readWriteSet.writes }];
    this.#state.apply(version.blockNumber, conflict === undefined ? valid : []);
    return conflict ?? 'VALID';
  }
}

/** Makes a harness over the given contract classes. */
export function createContractHarness(options: ContractHarnessOptions): ContractHarness {
  return new ContractHarness(options);
}
