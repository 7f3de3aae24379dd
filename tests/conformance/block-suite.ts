import assert from 'node:assert/strict';
import type { BlockDocument, BlockSchema, BlockType } from '../../src/core/blocks/block.ts';
import type { BlockDocumentId, BlockSchemaId, BlockTypeId } from '../../src/core/ids.ts';
import { EVERYTHING } from '../../src/core/query.ts';
import type { Storage } from '../../src/store/port.ts';
import { makeEvent, newId, newInstant } from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

function makeType(slug: string, fields: Partial<BlockType> = {}): BlockType {
  const now = newInstant();
  return {
    id: newId<BlockTypeId>(),
    name: slug.toUpperCase(),
    slug,
    logoUrl: null,
    documentationUrl: 'https://docs',
    description: 'd',
    codeExample: null,
    isProtected: false,
    createdAt: now,
    updatedAt: now,
    ...fields,
  };
}

function makeSchema(type: BlockType, checksum: string, fields: Partial<BlockSchema> = {}): BlockSchema {
  const now = newInstant();
  return {
    id: newId<BlockSchemaId>(),
    checksum,
    version: '1',
    blockTypeId: type.id,
    fields: '{"a":1.0}',
    capabilities: ['b', 'a'],
    createdAt: now,
    updatedAt: now,
    ...fields,
  };
}

function makeDocument(schema: BlockSchema, name: string, fields: Partial<BlockDocument> = {}): BlockDocument {
  const now = newInstant();
  return {
    id: newId<BlockDocumentId>(),
    name,
    blockTypeId: schema.blockTypeId,
    blockTypeName: 'T',
    blockSchemaId: schema.id,
    isAnonymous: false,
    sealedData: 'sealed',
    createdAt: now,
    updatedAt: now,
    ...fields,
  };
}

async function put(
  storage: Storage,
  document: BlockDocument,
  references: Readonly<Record<string, BlockDocument>> = {},
): Promise<void> {
  const rows = Object.entries(references).map(([name, { id }]) => ({ parentId: document.id, name, referenceId: id }));
  await storage.changeBlockDocument({ id: document.id }, { targets: [] }, () => ({
    document,
    references: rows,
    answer: null,
  }));
}

async function world(storage: Storage): Promise<{ readonly type: BlockType; readonly schema: BlockSchema }> {
  const type = makeType('mine');
  await storage.changeBlockType({ slug: 'mine' }, () => ({ type, answer: null }));
  const { schema } = await storage.insertBlockSchema(makeSchema(type, 'sha256:a'));
  return { type, schema };
}

export const blockTests: StorageTests = {
  'block types are written, read by id and slug, changed, and have their slug alone': async (storage) => {
    const { type } = await world(storage);
    assert.deepEqual(
      [await storage.readBlockType({ id: type.id }), await storage.readBlockType({ slug: 'mine' })],
      [type, type],
    );
    assert.equal(await storage.readBlockType({ slug: 'none' }), null);
    const changed = { ...type, description: null, isProtected: true, updatedAt: newInstant() };
    const event = makeEvent({ name: 'type' });
    await storage.changeBlockType({ id: type.id }, (found) => ({
      type: { ...changed, name: found?.name ?? '' },
      events: [event],
      answer: null,
    }));
    assert.deepEqual(await storage.readBlockType({ id: type.id }), changed);
    await assert.rejects(
      async () => await storage.changeBlockType({ slug: 'x' }, () => ({ type: makeType('mine'), answer: null })),
      { code: 'conflict' },
    );
    assert.deepEqual(await storage.find('block_type', { where: EVERYTHING, sort: [], limit: 10, offset: 0 }), [
      changed,
    ]);
    assert.deepEqual(
      (await storage.readEvents({ afterSeq: 0, limit: 10 })).map(({ name }) => name),
      ['type'],
    );
  },

  'block schemas are inserted once a checksum and version, and found by them': async (storage) => {
    const { type, schema } = await world(storage);
    const again = await storage.insertBlockSchema(makeSchema(type, 'sha256:a'));
    assert.deepEqual(again, { schema, isNew: false });
    const newer = await storage.insertBlockSchema(makeSchema(type, 'sha256:a', { version: '2', capabilities: ['c'] }));
    assert.equal(newer.isNew, true);
    assert.deepEqual(await storage.readBlockSchema({ checksum: 'sha256:a', version: '1' }), schema);
    assert.deepEqual(await storage.readBlockSchema({ checksum: 'sha256:a' }), newer.schema);
    assert.deepEqual(await storage.readBlockSchema({ id: schema.id }), schema);
    assert.equal(await storage.readBlockSchema({ checksum: 'sha256:a', version: '3' }), null);
    assert.deepEqual(await storage.listBlockCapabilities(), ['a', 'b', 'c']);
    assert.equal(await storage.count('block_schema', { op: 'hasAll', field: 'capabilities', values: ['a', 'b'] }), 1);
    assert.equal(
      await storage.count('block_type', {
        op: 'exists',
        noun: 'block_schema',
        where: { op: 'eq', field: 'version', value: '2' },
      }),
      1,
    );
    assert.deepEqual(
      [await storage.deleteBlockSchema(schema.id), await storage.deleteBlockSchema(schema.id)],
      [true, false],
    );
  },

  'block documents come with all that they refer to, and their names are alone in their type': async (storage) => {
    const { type, schema } = await world(storage);
    const [inner, middle, outer] = [
      makeDocument(schema, 'inner'),
      makeDocument(schema, 'middle'),
      makeDocument(schema, 'outer', { isAnonymous: true }),
    ];
    await put(storage, inner);
    await put(storage, middle, { child: inner });
    await put(storage, outer, { a: middle, b: inner });
    const graph = await storage.readBlockGraph([outer.id, newId()]);
    assert.deepEqual(new Set(graph.documents.values()), new Set([inner, middle, outer]));
    assert.deepEqual(graph.references.map(({ name }) => name).toSorted(), ['a', 'b', 'child']);
    assert.deepEqual([[...graph.schemas.values()], [...graph.types.values()]], [[schema], [type]]);
    assert.deepEqual(await storage.readBlockDocument({ blockTypeId: type.id, name: 'middle' }), middle);
    await assert.rejects(async () => await put(storage, makeDocument(schema, 'middle')), { code: 'conflict' });
    assert.equal(await storage.count('block_document', { op: 'eq', field: 'isAnonymous', value: false }), 2);
    const changed = { ...middle, sealedData: 'more', updatedAt: newInstant() };
    await storage.changeBlockDocument({ id: middle.id }, { schemaId: schema.id, targets: [outer.id] }, (facts) => {
      assert.deepEqual([facts.document, facts.schema, facts.newSchema, facts.type], [middle, schema, schema, type]);
      assert.deepEqual(facts.references, [{ parentId: middle.id, name: 'child', referenceId: inner.id }]);
      assert.equal(facts.targets.documents.size, 3);
      return { document: changed, answer: null };
    });
    assert.deepEqual(
      (await storage.readBlockGraph([middle.id])).references.length,
      1,
      'references stay unless they are said',
    );
    await storage.changeBlockDocument({ id: inner.id }, { targets: [] }, () => ({ document: null, answer: null }));
    assert.deepEqual(
      (await storage.readBlockGraph([outer.id])).references.map(({ name }) => name),
      ['a'],
    );
  },

  'with a block type go its schemas and documents': async (storage) => {
    const { type, schema } = await world(storage);
    const document = makeDocument(schema, 'one');
    await put(storage, document);
    await storage.changeBlockType({ id: type.id }, () => ({ type: null, answer: null }));
    assert.deepEqual(
      [
        await storage.readBlockType({ id: type.id }),
        await storage.readBlockSchema({ id: schema.id }),
        await storage.readBlockDocument({ id: document.id }),
      ],
      [null, null, null],
    );
  },
};
