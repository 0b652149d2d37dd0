export { PartySettings, startParty } from './start-party';
export { openApiDocument } from './http/openapi-document';
export { BundleDocument, StreamDocument } from './http/stream-document';
export { ExportedKey, NodeList, StreamPage } from './http/api-schemas';
