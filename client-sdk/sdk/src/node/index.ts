/**
 * What nodes and tools are made of beside the client of an application: ledger access, keys, other nodes, streams.
 *
 * @packageDocumentation
 */
// Ledger
export { loadFabricProfile } from '../ledger/fabric-profile';
export { profileFilesFromEnvironment, readFabricProfileFiles } from '../ledger/fabric-profile-files';
export type { FabricProfileFiles } from '../ledger/fabric-profile-files';
export { readChaincodeMetadata } from '../ledger/chaincode-metadata';
export type { ChaincodeMetadata } from '../ledger/chaincode-metadata';
export { readChannelBlocks } from '../ledger/blocks/read-channel-blocks';
export { decodeChannelBlock } from '../ledger/blocks/channel-block';
export type {
  BlockSubmitter,
  BlockTransaction,
  BlockWrite,
  ChannelBlock,
} from '../ledger/blocks/channel-block';
export { ProtobufMessage } from '../ledger/protobuf-message';
export { KEEPALIVE_MS } from '../ledger/gateway-client';
export { newNativeSigner } from '../ledger/native-signer';
export type { MessageSigner } from '../ledger/native-signer';
export { CatchUp } from '../ledger/catch-up';
export { OwnEvents, isConsent } from '../ledger/own-events';
export type { OwnEventsDeps } from '../ledger/own-events';
export { superviseEvents } from '../ledger/event-supervisor';
export type { EventConsumer, EventSupervision, SupervisedEvents } from '../ledger/event-supervisor';
export type { LedgerView } from '../ledger/ledger-view';

// Bundles as the ledger has them
export { indicesOf, streamStatusOf } from '../bundles/stream-status';

// Attestations
export { ATTESTATION_BOUNDS } from '../attestations/attestation-plan';
export type { AttestationBounds, OwedDestruction } from '../attestations/attestation-plan';
export { AttestationSender } from '../attestations/attestation-sender';
export type {
  AttestationObserver,
  AttestationSenderDeps,
  HandAttestation,
} from '../attestations/attestation-sender';
export { handAttestations } from '../attestations/hand-attestation';

// Keys from dealers and witnesses
export { collectKeys } from '../collection/collect-keys';
export type { CollectionPorts, CollectionSink } from '../collection/collection-ports';
export { newCollectionTask } from '../collection/collection-task';
export type { CollectionTask } from '../collection/collection-task';
export { verifyWrongShareProof } from '../collection/wrong-share-proof';
export { verifyWrongDealingProof } from '../collection/wrong-dealing-proof';
export { verifyWrongSheetProof } from '../collection/wrong-sheet-proof';
export type { PartyKeys } from '../nodes/party-keys';

// A node's own keys
export { initNodeKeys } from '../keys/init-node-keys';
export { syncFolder } from '../keys/write-private-file';
export { loadNodeKeys } from '../keys/node-keys';
export type { NodeKeyOwner, NodeKeys } from '../keys/node-keys';
export type { TlsIdentity } from '../keys/tls-identity';
export { readPrivateFile } from '../keys/private-file';

// Configuration
export { parseDocument } from '../configuration/parse-document';

// Nodes and waiting
export { decideNode } from '../nodes/decide-node';
export type { Decision, DecisionOutcome } from '../nodes/decide-node';
export { readNode, readRegistered, registerNode } from '../nodes/register-node';
export type { NodeAttributes, NodeRegistration, RegistrationOutcome } from '../nodes/register-node';
export { retireNode } from '../nodes/retire-node';
export { NodeDirectory } from '../nodes/node-directory';
export { certificateFingerprint } from '../nodes/certificate-fingerprint';
export type { PeerCall, PeerCaller } from '../nodes/peer-caller';
export { NodeClient } from '../nodes/node-client';
export type { NodeClientOptions } from '../nodes/node-client';
export { EndpointPolicy } from '../nodes/endpoint-policy';
export type { CheckedAddress, EndpointPolicyOptions, ResolveHost } from '../nodes/endpoint-policy';
export { backoffMs, pause } from '../pacing/backoff';
export type { BackoffBounds, Pause } from '../pacing/backoff';
export { waitWithin, withDeadline } from '../pacing/deadline';

// Connections of those who are not known yet
export { ConnectionShares } from '../admission/connection-shares';
export type { ConnectionLimits } from '../admission/connection-shares';
export { addressShareOf } from '../admission/address-share';
export { connectionIdOf } from '../admission/connection-id';

// Secure streams
export { LiveStreams } from '../streams/live-streams';
export type { EndedStream } from '../streams/stream-ending';
export type { ClosedConnection } from '../streams/stream-traffic';
export type {
  StreamListenAddress,
  StreamReadiness,
  StreamRefusal,
  StreamServerLimits,
} from '../streams/secure-stream-server';
export type { StreamCipherPolicy } from '../streams/stream-cipher-suites';
export { answerForReader, isReadByPeer } from '../streams/end-mark';
export { FramedDuplex } from '../streams/framed-duplex';
export { connectSecureStream } from '../streams/connect-secure-stream';
export type { ConnectSecureStreamOptions } from '../streams/connect-secure-stream';
export type { StreamCredentials, StreamRole } from '../streams/stream-credentials';
export type { StreamClock } from '../streams/stream-clock';
export { streamCredentialsOf } from '../client/stream-credentials-of';
export { streamAddressOf } from '../client/stream-address';
