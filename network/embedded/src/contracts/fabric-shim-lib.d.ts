/**
 * The parts of fabric-shim 2.5.8 that have no public types. The package has no `exports` map, so that these paths
 * resolve; a test fails by name if an upgrade moves or reshapes them.
 */
declare module 'fabric-shim/lib/stub' {
  class ChaincodeStub {
    constructor(
      handler: object,
      channelId: string,
      txId: string,
      input: { getArgsList_asU8(): readonly Uint8Array[] },
      signedProposal: { getSignature(): Uint8Array | string; getProposalBytes(): Uint8Array | string },
    );
    readonly chaincodeEvent?: { getEventName(): string; getPayload_asU8(): Uint8Array };
  }
  export = ChaincodeStub;
}

declare module 'fabric-shim/lib/contract-spi/chaincodefromcontract' {
  class ChaincodeFromContract {
    constructor(
      contractClasses: object[],
      serializers: { transaction: string; serializers: Record<string, string> },
      metadata: object,
      title: string,
      version: string,
    );
    Invoke(stub: object): Promise<{ status: number; message?: string; payload?: Uint8Array }>;
  }
  export = ChaincodeFromContract;
}

declare module 'fabric-shim/lib/iterators' {
  interface QueryResponse {
    getId(): string;
    getHasMore(): boolean;
    getResultsList(): readonly { getResultbytes(): Uint8Array }[];
  }
  class ResultIterator {
    next(): Promise<{ done: boolean }>;
    constructor(handler: object, channelId: string, txId: string, response: QueryResponse);
  }
  export { QueryResponse, ResultIterator as StateQueryIterator, ResultIterator as HistoryQueryIterator };
}

declare module 'fabric-shim/lib/logger' {
  const loggers: { getLogger(name: string): { silent: boolean } };
  export = loggers;
}
