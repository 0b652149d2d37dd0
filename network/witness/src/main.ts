import { runConfiguredNode } from '@eko/node-kit';
import { WitnessSettings, startWitness } from './start-witness';

void runConfiguredNode(process, WitnessSettings, startWitness);
