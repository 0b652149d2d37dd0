import './shim-log-level';
import ChaincodeFromContract from 'fabric-shim/lib/contract-spi/chaincodefromcontract';
import ChaincodeStub from 'fabric-shim/lib/stub';
import type { Proposal } from '../messages/proposal';
import type { ReadWriteSet } from '../state/read-write-set';
import type { StateSnapshot } from '../state/versioned-state';
import { Simulation } from './simulation';
import { createRequire } from 'node:module';
import shimLoggers from 'fabric-shim/lib/logger';

/** A contract class, as a chaincode module lists them in `contracts`. */
export type ContractClass = new () => object;

/** The one event of a transaction. */
export interface ContractEvent {
  readonly name: string;
  readonly payload: Uint8Array;
}

/** What one peer's run of a transaction answered, read and wrote. */
export interface SimulationResult {
  /** 200, or 500 when the contract threw. */
  readonly status: number;
  readonly message: string;
  readonly payload: Uint8Array;
  readonly event: ContractEvent | undefined;
  readonly readWriteSet: ReadWriteSet;
}

/** How long one run may take before the peer ends it, as Fabric's `executetimeout`. */
export const DEFAULT_EXECUTE_TIMEOUT_MS = 30_000;

/** One peer's chaincode process: its own instances of the contract classes behind the shim's own dispatch. */
export class ContractHost {
  readonly #chaincode: ChaincodeFromContract;
  readonly #executeTimeoutMs: number;

  constructor(contracts: readonly ContractClass[], executeTimeoutMs = DEFAULT_EXECUTE_TIMEOUT_MS) {
    silenceShim();
    this.#executeTimeoutMs = executeTimeoutMs;
    this.#chaincode = new ChaincodeFromContract(
      [...contracts],
      // A path, not a class: the shim resolves it to the very package that it was built against.
      { transaction: 'json', serializers: { json: 'fabric-contract-api/lib/jsontransactionserializer' } },
      {},
      '',
      '',
    );
  }

  /** Runs one proposal against a snapshot. Never throws for what the contract does. */
  async execute(proposal: Proposal, snapshot: StateSnapshot): Promise<SimulationResult> {
    const simulation = new Simulation(proposal.chaincodeName, snapshot);
    const input = { getArgsList_asU8: () => proposal.args };
    const stub = new ChaincodeStub(simulation, proposal.channelId, proposal.txId, input, proposal.signed);
    const response = await this.#withinDeadline(this.#chaincode.Invoke(stub));
    const event = stub.chaincodeEvent;
    return {
      status: response.status,
      message: response.message ?? '',
      payload: response.payload ?? new Uint8Array(),
      event:
        event === undefined ? undefined : { name: event.getEventName(), payload: event.getPayload_asU8() },
      readWriteSet: simulation.close(),
    };
  }

  async #withinDeadline<Response extends { status: number }>(
    run: Promise<Response>,
  ): Promise<Response | { status: number; message: string; payload?: Uint8Array }> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<{ status: number; message: string }>((resolve) => {
      timer = setTimeout(
        () => resolve({ status: 500, message: 'timeout expired while executing transaction' }),
        this.#executeTimeoutMs,
      );
    });
    try {
      return await Promise.race([run, timeout]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The loggers that the shim and the contract API call for every transaction. */
const SHIM_LOGGERS = [
  'contracts-spi/chaincodefromcontract.js',
  'contracts-spi/datamarshall.js',
  'lib/chaincode.js',
  'lib/iterators.js',
  'lib/stub.js',
] as const;
const CONTRACT_API_LOGGERS = ['./lib/contract.js', './lib/jsontransactionserializer.js'] as const;

/**
 * Silences the shim: it writes every refused transaction to standard output, and formats every debug line whether or
 * not anybody will see it, which costs more than the transaction.
 */
function silenceShim(): void {
  silenceLoggers(shimLoggers, SHIM_LOGGERS);
  // The copy of the contract API that the shim itself uses, wherever it is installed.
  const requireAsShim = createRequire(require.resolve('fabric-shim'));
  silenceLoggers(requireAsShim('fabric-contract-api/lib/logger') as typeof shimLoggers, CONTRACT_API_LOGGERS);
}

function silenceLoggers(loggers: typeof shimLoggers, names: readonly string[]): void {
  for (const name of names) loggers.getLogger(name).silent = true;
}
