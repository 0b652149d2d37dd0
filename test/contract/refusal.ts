import { ask, type Step } from './probe';
import type { TestClient } from '../support/in-process/gateway-client';

const CHAINCODE_RESPONSE = /chaincode response 500, ([^]*)$/;

/** The text with which the steps are refused, as the contract threw it. */
export async function refusalOf(client: TestClient, ...steps: readonly Step[]): Promise<string> {
  try {
    await ask(client, ...steps);
  } catch (error) {
    const { message } = error as Error;
    return CHAINCODE_RESPONSE.exec(message)?.[1] ?? `(not by the contract) ${message}`;
  }
  throw new Error('expected a refusal');
}
