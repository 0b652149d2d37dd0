import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import { gateway, peer } from '@hyperledger/fabric-protos';
import type { KeyPair } from '@eko/msp';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is refused, and how; queries are answered with EKO's metadata where they are not. */
export interface Refusals {
  readonly evaluate?: keyof typeof status;
  readonly chaincodeEvents?: keyof typeof status;
}

const METADATA = readFileSync(join(__dirname, '../../vectors/chaincode-metadata.json'));

/** A server with TLS that speaks as a gateway peer, and refuses. */
export async function startRefusingGateway(
  tls: KeyPair,
  { evaluate, chaincodeEvents }: Refusals,
): Promise<{ readonly endpoint: string; stop(): void }> {
  const server = new Server();
  server.addService(gateway.GatewayService, {
    evaluate: (
      _call: unknown,
      callback: (error: object | null, answer?: gateway.EvaluateResponse) => void,
    ) => {
      if (evaluate !== undefined) {
        callback(refusal(evaluate));
        return;
      }
      const response = new peer.Response();
      response.setPayload(METADATA);
      const answer = new gateway.EvaluateResponse();
      answer.setResult(response);
      callback(null, answer);
    },
    chaincodeEvents: (call: { emit(name: string, error: object): void }) => {
      call.emit('error', refusal(chaincodeEvents ?? 'UNIMPLEMENTED'));
    },
  });
  const credentials = ServerCredentials.createSsl(null, [
    { private_key: Buffer.from(tls.privateKeyPem), cert_chain: Buffer.from(tls.certificatePem) },
  ]);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { endpoint: `127.0.0.1:${port}`, stop: () => server.forceShutdown() };
}

const refusal = (name: keyof typeof status): object => ({ code: status[name], details: 'a script says no' });
