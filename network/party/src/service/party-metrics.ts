import { formatStreamId, type StreamState } from '@eko/protocol';
import { EVENTS, type CollectionProof, type LedgerEvent } from '@eko/protocol/ledger';
import {
  Counter,
  Gauge,
  Histogram,
  newCounter,
  newGauge,
  observeLedgerView,
  type LogFields,
  type Logger,
  type Metrics,
} from '@eko/node-kit';
import type { ClientObserver, EkoClient } from '@eko/sdk';
import { indicesOf, streamStatusOf } from '@eko/sdk/node';

/** From one socket that is closed at once to a process that has other things to do. */
const BUCKETS_SECONDS = [0.001, 0.005, 0.025, 0.1, 0.5, 2, 10];

const STATES = ['requested', 'accepted', 'active', 'ended'] as const satisfies readonly StreamState[];

type PartyObserver = Required<
  Pick<
    ClientObserver,
    'onTrouble' | 'onEvidence' | 'onRefused' | 'onDirectionRefused' | 'onOpened' | 'onClosed' | 'onEnded'
  >
>;

/**
 * Counts and logs what a party sees of its streams. Labels are reasons, states and codes; a line of the log names a
 * stream, and never what flows in it.
 */
export function newPartyObserver(metrics: Metrics, logger: Logger): PartyObserver {
  const refused = newCounter(
    metrics,
    'eko_refused_handshakes_total',
    'Connections that the port for streams turned away before their key was proved, by reason',
    ['reason'],
  );
  const directions = newCounter(
    metrics,
    'eko_refused_directions_total',
    'Connections cut because data went a way that the permissions do not grant: `incoming` from the other end, `outgoing` from the own program',
    ['direction'],
  );
  const opened = newCounter(
    metrics,
    'eko_stream_connections_opened_total',
    'Connections of streams whose both ends proved the key',
  );
  const ends = newCounter(
    metrics,
    'eko_stream_ends_total',
    'Ends of streams that the ledger told of, by reason',
    ['reason'],
  );
  const closing = new Histogram({
    name: 'eko_stream_end_seconds',
    help: "From the arrival of the ledger's event to the close of the stream's last connection here",
    labelNames: ['reason'] as const,
    buckets: BUCKETS_SECONDS,
    registers: [metrics],
  });
  const evidence = newCounter(
    metrics,
    'eko_evidence_total',
    'Proofs against a witness or a dealer that collecting a key came upon, by kind',
    ['kind'],
  );
  return {
    onTrouble: (error, what) => {
      logger.warn('trouble', { error, state: what });
    },
    onEvidence: (proof) => {
      evidence.inc({ kind: proof.kind });
      logger.error('a node is convicted by what it signed', evidenceFields(proof));
    },
    onRefused: (reason) => {
      refused.inc({ reason });
      logger.warn('a connection for a stream was turned away', { reason });
    },
    onDirectionRefused: (streamId, direction) => {
      directions.inc({ direction });
      logger.warn('data went a way that is not granted', { streamId, reason: direction });
    },
    onOpened: (streamId) => {
      opened.inc();
      logger.info('a connection is open', { streamId });
    },
    onClosed: ({ streamId, receivedBytes, sentBytes, openMs }) => {
      logger.info('a connection is closed', {
        ...{ streamId, receivedBytes, sentBytes },
        durationMs: Math.round(openMs),
      });
    },
    onEnded: ({ streamId, reason, connections, closedAfterMs }) => {
      ends.inc({ reason });
      closing.observe({ reason }, closedAfterMs / 1_000);
      logger.info('a stream has ended', {
        ...{ streamId, reason, count: connections },
        durationMs: Math.round(closedAfterMs),
      });
    },
  };
}

/** Whom a proof convicts, and where; of its shares, which it may hold, nothing. */
function evidenceFields(proof: CollectionProof): LogFields {
  const { bundleId, epoch, dealing } = proof.dealing;
  const fields = { bundleId, epoch, reason: proof.kind };
  switch (proof.kind) {
    case 'wrong-share': {
      const index = proof.opening?.streamIndex;
      return {
        ...fields,
        peer: proof.receipt.witness,
        ...(index === undefined ? {} : { streamId: formatStreamId({ bundleId, index }) }),
      };
    }
    case 'wrong-dealing': {
      const streamId = formatStreamId({ bundleId, index: proof.streamIndex });
      return { ...fields, peer: dealing.dealer, streamId };
    }
    case 'wrong-sheet':
      return { ...fields, peer: dealing.dealer };
  }
}

/** Logs what of the ledger concerns this party's streams and no connection of them tells. */
export function logLedgerEvent(
  logger: Logger,
  event: LedgerEvent,
  isOwn: (bundleId: string) => boolean,
): void {
  switch (event.name) {
    case EVENTS.streamsRequested: {
      const { bundleId, requests } = event.payload.bundle;
      if (isOwn(bundleId)) logger.info('streams are requested', { bundleId, count: requests.length });
      return;
    }
    case EVENTS.dealingsRecorded: {
      const { bundleId, epoch } = event.payload.record;
      if (isOwn(bundleId)) logger.info('streams are active', { bundleId, epoch });
      return;
    }
    default:
  }
}

/** Shows what a party has at the moment when it is asked. */
export function observeParty(metrics: Metrics, client: EkoClient): void {
  const registers = [metrics];
  observeLedgerView(metrics, () => client.ledgerView);
  new Gauge({
    name: 'eko_streams',
    help: 'Streams of this party that it remembers, by state',
    labelNames: ['state'] as const,
    registers,
    collect() {
      const counts = new Map<string, number>();
      for (const view of client.bundles.all())
        for (const index of indicesOf(view)) {
          const { state } = streamStatusOf(view, index);
          counts.set(state, (counts.get(state) ?? 0) + 1);
        }
      for (const state of STATES) this.set({ state }, counts.get(state) ?? 0);
    },
  });
  newGauge(
    metrics,
    'eko_stream_connections',
    'Open connections of streams',
    () => client.traffic.connections,
  );
  newGauge(
    metrics,
    'eko_attestations_owed',
    'Bundles with ended streams whose destruction this party has still to attest',
    () => client.owedAttestations,
  );
  new Counter({
    name: 'eko_stream_bytes_total',
    help: 'Bytes over connections of streams, by direction as this party sees it',
    labelNames: ['direction'] as const,
    registers,
    collect() {
      this.reset();
      this.inc({ direction: 'received' }, client.traffic.receivedBytes);
      this.inc({ direction: 'sent' }, client.traffic.sentBytes);
    },
  });
}
