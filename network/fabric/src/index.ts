export { downNetwork, upNetwork, type UpOptions } from './fabric-network';
export { issueUser } from './identity/fabric-users';
