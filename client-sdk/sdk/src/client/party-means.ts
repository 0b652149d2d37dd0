import { EkoError } from '@eko/protocol';
import { encodeBase64Url } from '@eko/protocol/encoding';
import { proveVrf } from '@eko/protocol/crypto';
import { importX25519Key, newEd25519Signer } from '@eko/protocol/node';
import { loadNodeKeys, nodeIdOfKeyFolder } from '../keys/node-keys';
import { EndpointPolicy } from '../nodes/endpoint-policy';
import { NodeClient } from '../nodes/node-client';
import type { NodeDirectory } from '../nodes/node-directory';
import type { PartyKeys } from '../nodes/party-keys';
import type { PeerCaller } from '../nodes/peer-caller';

/** A party's keys and its way to other nodes, which whoever made them also closes. */
export interface PartyMeans {
  /** The party's keys, held open. */
  readonly keys: PartyKeys;
  /** How it calls orchestrators and witnesses. */
  readonly peers: PeerCaller;
  /** Which addresses of providers it connects to; without it, public ones only. */
  readonly endpoints?: EndpointPolicy;
}

/** A party's key folder, from which a client takes its means by itself. */
export interface PartyKeyFolder {
  /** Made by `eko node init`; its TLS certificate names the node. */
  readonly keysDirectory: string;
  /** Networks (`10.0.0.0/8`) whose nodes are called although their addresses are not public. */
  readonly allowAddresses?: readonly string[];
}

/** The means of a client, and how it gives back those that it opened itself. */
export interface OpenedMeans extends PartyMeans {
  readonly close: () => void;
}

/**
 * Opens a key folder, or takes what is open.
 *
 * @throws EkoError `INVALID_CONFIG` for a folder that others can read, that is incomplete or does not fit together
 */
export function openPartyMeans(means: PartyMeans | PartyKeyFolder): OpenedMeans {
  if (!('keysDirectory' in means)) return { ...means, close: () => undefined };
  const { keysDirectory, allowAddresses = [] } = means;
  const endpoints = new EndpointPolicy({ allowAddresses });
  const nodeId = nodeIdOfKeyFolder(keysDirectory);
  const own = loadNodeKeys(keysDirectory, { nodeId, role: 'party' });
  const { vrf } = own.seeds;
  if (vrf === undefined) throw new EkoError('INVALID_CONFIG', 'A party needs a vrf key');
  const client = new NodeClient({ tls: own.tls, endpoints });
  return {
    keys: {
      nodeId,
      kem: importX25519Key(own.kemPrivateKey),
      sign: newEd25519Signer(own.seeds.sign),
      prove: (alpha) => proveVrf(vrf, alpha),
    },
    peers: client,
    endpoints,
    close: () => {
      client.close();
      own.dispose();
    },
  };
}

/**
 * Refuses keys that are not those of a registered party.
 *
 * @throws EkoError `NOT_FOUND`, `INVALID_CONFIG`
 */
export function refuseOtherKeys(directory: NodeDirectory, keys: PartyKeys): void {
  const node = directory.require(keys.nodeId);
  if (node.role !== 'party')
    throw new EkoError('INVALID_CONFIG', `Node ${keys.nodeId} is registered as ${node.role}, not as a party`);
  if (node.keys.kem.publicKey !== encodeBase64Url(keys.kem.publicKey))
    throw new EkoError('INVALID_CONFIG', `The keys of ${keys.nodeId} are not the registered ones`);
}
