/**
 * The contracts that Fabric peers run.
 *
 * @packageDocumentation
 */
import { DealingsContract } from './contracts/dealings-contract';
import { RegistryContract } from './contracts/registry-contract';
import { StreamsContract } from './contracts/streams-contract';

/** The contract classes, as fabric-shim looks for them. */
export const contracts = [RegistryContract, StreamsContract, DealingsContract];

export { DealingsContract, RegistryContract, StreamsContract };
export type { PeerClock } from './ledger/clock-guard';
