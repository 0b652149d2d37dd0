import { EkoError } from '@eko/protocol';
import { decodeBase64Url, type Static, type TSchema } from '@eko/protocol/encoding';
import { type NodeRecord } from '@eko/protocol/ledger';
import { PROBLEM_MEDIA_TYPE, mediaTypeOf } from '@eko/protocol/rest';
import type { EndpointPolicy } from './endpoint-policy';
import { exchangeMessages } from './peer-exchange';
import { parsePeerAnswer } from './peer-answer';
import type { PeerCall, PeerCaller } from './peer-caller';
import { PinnedAgent } from './pinned-agent';

/** What calls other nodes. */
export interface NodeClientOptions {
  /** Our own certificate with its key, as the registry holds it. */
  readonly tls: { readonly key: Uint8Array; readonly certificate: string };
  readonly endpoints: EndpointPolicy;
  /** Largest answer; enough for an envelope with its commitment sheet if it is not said. */
  readonly maxAnswerBytes?: number;
  readonly handshakeMs?: number;
}

interface Connection {
  readonly endpoint: string;
  /** Base64url, as the registry has it. */
  readonly certificate: string;
  readonly agent: PinnedAgent;
}

const DEFAULT_ANSWER_BYTES = 4 * 1024 * 1024;
const DEFAULT_HANDSHAKE_MS = 5_000;

/**
 * Calls other nodes over HTTPS: TLS 1.3, exactly the certificate that the registry pins (checked before a request is
 * sent), our own shown, nothing resumed, no redirect followed, every call bounded in time and size.
 * @see docs/protocol.md, "The ledger is the directory"
 */
export class NodeClient implements PeerCaller {
  readonly #options: NodeClientOptions;
  readonly #connections = new Map<string, Connection>();

  constructor(options: NodeClientOptions) {
    this.#options = options;
  }

  async call<Answer extends TSchema>(call: PeerCall<Answer>): Promise<Static<Answer>> {
    const peer = call.node.nodeId;
    const { agent } = this.#connectionTo(call.node);
    const answer = await exchangeMessages({
      agent,
      peer,
      path: call.route,
      body: call.body,
      accept: `${mediaTypeOf(call.answerSchema)}, ${PROBLEM_MEDIA_TYPE}`,
      maxAnswerBytes: this.#options.maxAnswerBytes ?? DEFAULT_ANSWER_BYTES,
      deadlineMs: call.deadlineMs,
      signal: call.signal,
    });
    return parsePeerAnswer(peer, answer, call.answerSchema);
  }

  /** Ends every connection; calls under way fail. */
  close(): void {
    for (const { agent } of this.#connections.values()) agent.destroy();
    this.#connections.clear();
  }

  /** A node that moved or changed its certificate gets new connections; the old ones end. */
  #connectionTo({ nodeId, endpoint, keys }: NodeRecord): Connection {
    if (endpoint === undefined) {
      throw new EkoError('INVALID_ENDPOINT', `The node ${nodeId} has no endpoint`, {
        details: { peer: nodeId },
      });
    }
    const { tls: certificate } = keys;
    const known = this.#connections.get(nodeId);
    if (known?.endpoint === endpoint && known.certificate === certificate) return known;
    known?.agent.destroy();
    const agent = new PinnedAgent({
      certificateDer: decodeBase64Url(certificate),
      locate: () => this.#options.endpoints.check(endpoint),
      tls: this.#options.tls,
      handshakeMs: this.#options.handshakeMs ?? DEFAULT_HANDSHAKE_MS,
    });
    const connection = { endpoint, certificate, agent };
    this.#connections.set(nodeId, connection);
    return connection;
  }
}
