import type { ContractClass } from '@eko/embedded-ledger';

/** As a chaincode module exports them. */
export declare const contracts: readonly ContractClass[];
