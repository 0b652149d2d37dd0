import { runConfiguredNode } from '@eko/node-kit';
import { PartySettings, startParty } from './start-party';

void runConfiguredNode(process, PartySettings, startParty);
