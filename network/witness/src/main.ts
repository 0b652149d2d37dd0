import { parseNodeArguments, loadConfiguration, runNode } from '@eko/node-kit';
import { WitnessSettings, startWitness } from './start-witness';

void runNode(process, () => {
  const { file, flags } = parseNodeArguments(process.argv.slice(2));
  const { settings } = loadConfiguration({
    schema: WitnessSettings,
    file,
    flags,
    environment: process.env,
    environmentPrefix: 'EKO_',
  });
  return startWitness(settings);
});
