/**
 * The node of an initiator or a provider: a REST API over the SDK, beside its application.
 *
 * @packageDocumentation
 */
export { PartySettings, startParty } from './start-party';
