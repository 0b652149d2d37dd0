export { WitnessSettings, startWitness } from './start-witness';
