import { loadConfiguration, parseNodeArguments, runNode } from '@eko/node-kit';
import { PartySettings, startParty } from './start-party';

void runNode(process, () => {
  const { file, flags } = parseNodeArguments(process.argv.slice(2));
  const { settings } = loadConfiguration({
    schema: PartySettings,
    file,
    flags,
    environment: process.env,
    environmentPrefix: 'EKO_',
  });
  return startParty(settings);
});
