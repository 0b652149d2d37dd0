import { Context, Contract, Info, Returns, Transaction } from 'fabric-contract-api';

let runs = 0;

/** A contract that shows every behaviour of a peer that chaincode can meet. */
@Info({ title: 'Sample', description: 'Exercises the ledger' })
export class SampleContract extends Contract {
  constructor() {
    super('sample');
  }

  @Transaction()
  @Returns('string')
  public async Put(ctx: Context, key: string, value: string): Promise<string> {
    await ctx.stub.putState(key, Buffer.from(value));
    ctx.stub.setEvent('put', Buffer.from(key));
    return value;
  }

  @Transaction()
  public async Remove(ctx: Context, key: string): Promise<void> {
    await ctx.stub.deleteState(key);
  }

  @Transaction(false)
  @Returns('string')
  public async Get(ctx: Context, key: string): Promise<string> {
    return Buffer.from(await ctx.stub.getState(key)).toString();
  }

  /** Read-modify-write, whose read after the write still sees the committed value. */
  @Transaction()
  @Returns('string')
  public async Append(ctx: Context, key: string, text: string): Promise<string> {
    const before = Buffer.from(await ctx.stub.getState(key)).toString();
    await ctx.stub.putState(key, Buffer.from(before + text));
    return Buffer.from(await ctx.stub.getState(key)).toString();
  }

  @Transaction()
  @Returns('string')
  public async CountRange(ctx: Context, startKey: string, endKey: string, into: string): Promise<string> {
    const keys: string[] = [];
    for await (const { key } of ctx.stub.getStateByRange(startKey, endKey)) keys.push(key);
    await ctx.stub.putState(into, Buffer.from(String(keys.length)));
    return JSON.stringify(keys);
  }

  @Transaction()
  public async PutComposite(ctx: Context, kind: string, first: string, second: string): Promise<void> {
    await ctx.stub.putState(ctx.stub.createCompositeKey(kind, [first, second]), Buffer.from('x'));
  }

  @Transaction(false)
  @Returns('string')
  public async ListComposite(ctx: Context, kind: string, first: string): Promise<string> {
    const parts: string[][] = [];
    for await (const { key } of ctx.stub.getStateByPartialCompositeKey(kind, [first])) {
      parts.push(ctx.stub.splitCompositeKey(key).attributes);
    }
    return JSON.stringify(parts);
  }

  @Transaction(false)
  @Returns('string')
  public async History(ctx: Context, key: string): Promise<string> {
    const entries: { value: string; isDelete: boolean }[] = [];
    for await (const { value, isDelete } of ctx.stub.getHistoryForKey(key)) {
      entries.push({ value: Buffer.from(value).toString(), isDelete });
    }
    return JSON.stringify(entries);
  }

  @Transaction()
  public async TwoEvents(ctx: Context): Promise<void> {
    ctx.stub.setEvent('first', Buffer.from('1'));
    ctx.stub.setEvent('last', Buffer.from('2'));
  }

  @Transaction()
  public async Fail(_ctx: Context, message: string): Promise<void> {
    throw new Error(message);
  }

  /** Differs from run to run, as chaincode that asks a clock would. */
  @Transaction()
  public async Nondeterministic(ctx: Context): Promise<void> {
    runs += 1;
    await ctx.stub.putState('run', Buffer.from(String(runs)));
  }

  /** Never answers. */
  @Transaction()
  public async Hang(_ctx: Context): Promise<void> {
    return new Promise(() => undefined);
  }

  @Transaction()
  public async Private(ctx: Context): Promise<void> {
    await ctx.stub.putPrivateData('secrets', 'key', Buffer.from('value'));
  }

  @Transaction(false)
  @Returns('string')
  public async WhoAmI(ctx: Context): Promise<string> {
    const transient = Object.fromEntries(
      [...ctx.stub.getTransient()].map(([key, value]) => [key, Buffer.from(value).toString()]),
    );
    return JSON.stringify({
      mspId: ctx.clientIdentity.getMSPID(),
      colour: ctx.clientIdentity.getAttributeValue('colour'),
      id: ctx.clientIdentity.getID(),
      time: ctx.stub.getDateTimestamp().toISOString(),
      transient,
    });
  }
}

/** As a chaincode module exports them. */
export const contracts = [SampleContract];
