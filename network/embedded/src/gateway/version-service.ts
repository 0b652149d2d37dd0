import type { sendUnaryData, ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';

/** What this ledger says of itself. */
export const version =
  'eko-embedded-ledger/0.1.0 (development ledger: one process holds the keys of all organisations)';

const toBytes = (text: string): Buffer => Buffer.from(text, 'utf8');
const fromBytes = (bytes: Buffer): string => bytes.toString('utf8');

/** A service of this ledger alone, by which a client can tell that it is not a real network. */
export const VERSION_SERVICE: ServiceDefinition = {
  version: {
    path: '/eko.EmbeddedLedger/Version',
    requestStream: false,
    responseStream: false,
    requestSerialize: toBytes,
    requestDeserialize: fromBytes,
    responseSerialize: toBytes,
    responseDeserialize: fromBytes,
  },
};

/** Makes the handlers of the version service. */
export function versionService(): UntypedServiceImplementation {
  return {
    version: (_call: unknown, callback: sendUnaryData<string>) => callback(null, version),
  };
}
