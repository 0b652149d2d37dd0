/**
 * The node of an initiator or a provider: a REST API over the SDK, beside its application.
 *
 * @packageDocumentation
 */
export { PartySettings, startParty } from './start-party';
export { openApiDocument } from './http/openapi-document';
export { BundleDocument, StreamDocument } from './http/stream-document';
export { ExportedKey, NodeList, StreamPage } from './http/api-schemas';
