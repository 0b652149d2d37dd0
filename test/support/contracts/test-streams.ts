import { type RequestStreams } from '@eko/protocol';
import {
  TRANSACTIONS,
  consentInput,
  type AcceptStream,
  type AssignmentRecord,
  type BundleRecord,
  type DealingsRecord,
  EVENT_PAYLOADS,
} from '@eko/protocol/ledger';
import { encodeBase64Url, parseWith } from '@eko/protocol/encoding';
import { proveVrf } from '@eko/protocol/crypto';
import type { HarnessOutcome } from '@eko/embedded-ledger';
import { randomUUID } from 'node:crypto';
import { CHANNEL } from './eko-ledger';
import { newRecordDealings } from './test-dealings';
import { streamRequest, type TestNetwork } from './test-network';
import type { TestNode } from './test-node';

/** A bundle as it stands after its request. */
export interface RequestedBundle {
  readonly bundleId: string;
  readonly bundle: BundleRecord;
}

/** A bundle with its first assignment. */
export interface AcceptedBundle extends RequestedBundle {
  readonly assignment: AssignmentRecord;
}

/** Requests a bundle under a fresh ID. */
export async function requestBundle(
  { ledger, initiator }: TestNetwork,
  change: Parameters<typeof streamRequest>[0] = {},
): Promise<RequestedBundle> {
  const request: RequestStreams = streamRequest({ bundleId: randomUUID(), ...change });
  const outcome = succeeded(await ledger.submit(initiator.identity, TRANSACTIONS.requestStreams, request));
  const { bundle } = payloadOf(outcome, 'StreamsRequested');
  return { bundleId: request.bundleId, bundle };
}

/** A party's argument to `AcceptStream`. */
export function acceptanceOf(
  { seeds: { vrf } }: Pick<TestNode, 'seeds'>,
  { bundleId, requestTxId }: Pick<BundleRecord, 'bundleId' | 'requestTxId'>,
): AcceptStream {
  if (vrf === undefined) throw new TypeError('only who has a vrf key consents');
  const alpha = consentInput({ channel: CHANNEL, bundleId, requestTxId });
  return { bundleId, proof: encodeBase64Url(proveVrf(vrf, alpha)) };
}

/** The provider accepts a bundle; answers its first assignment. */
export async function acceptBundle(network: TestNetwork, bundle: BundleRecord): Promise<AssignmentRecord> {
  const { ledger, provider } = network;
  const argument = acceptanceOf(provider, bundle);
  const outcome = succeeded(await ledger.submit(provider.identity, TRANSACTIONS.acceptStream, argument));
  return payloadOf(outcome, 'StreamsAccepted').assignment;
}

/** Requests a bundle that the provider accepts. */
export async function acceptedBundle(
  network: TestNetwork,
  change: Parameters<typeof streamRequest>[0] = {},
): Promise<AcceptedBundle> {
  const requested = await requestBundle(network, change);
  return { ...requested, assignment: await acceptBundle(network, requested.bundle) };
}

/** Requests a bundle that is accepted and dealt. */
export async function activeBundle(
  network: TestNetwork,
  change: Parameters<typeof streamRequest>[0] = {},
): Promise<AcceptedBundle & { readonly record: DealingsRecord }> {
  const accepted = await acceptedBundle(network, change);
  const argument = newRecordDealings(network, accepted.bundle, accepted.assignment);
  const lead = leadOf(network, accepted.assignment);
  const outcome = succeeded(
    await network.ledger.submit(lead.identity, TRANSACTIONS.recordDealings, argument),
  );
  return { ...accepted, record: payloadOf(outcome, 'DealingsRecorded').record };
}

/** The first of the assigned orchestrators. */
export function leadOf({ orchestrators }: TestNetwork, assignment: AssignmentRecord): TestNode {
  const lead = orchestrators.find(({ nodeId }) => nodeId === assignment.orchestrators[0]);
  if (lead === undefined) throw new RangeError('the lead is none of the network');
  return lead;
}

/** The outcome itself; a refusal fails the test. */
export function succeeded(outcome: HarnessOutcome): HarnessOutcome {
  if (outcome.error !== undefined) throw new Error(`${outcome.error.code}: ${outcome.error.message}`);
  if (outcome.commitCode !== 'VALID') throw new Error(`committed as ${String(outcome.commitCode)}`);
  return outcome;
}

type Payloads = typeof EVENT_PAYLOADS;
type Payload<Name extends keyof Payloads> = Payloads[Name]['static'];

/** The payload of the one event, which must have this name and fit its schema. */
export function payloadOf<Name extends keyof Payloads>(outcome: HarnessOutcome, name: Name): Payload<Name> {
  if (outcome.event?.name !== name) throw new Error(`expected ${name}, got ${String(outcome.event?.name)}`);
  return parseWith(EVENT_PAYLOADS[name], JSON.parse(outcome.event.payload), name);
}

/** What a transaction wrote: record by key. */
export function writesOf(outcome: HarnessOutcome): Record<string, unknown> {
  return Object.fromEntries(
    outcome.writes.map(({ key, value }) => [key, value === null ? null : (JSON.parse(value) as unknown)]),
  );
}
