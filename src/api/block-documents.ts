import { encodeBlockDocument } from '../contract/encode/block.ts';
import { blockDocumentFilter, NAMED_BLOCKS } from '../contract/filter/records.ts';
import { blockDocumentSorts } from '../contract/filter/sort.ts';
import { TEST_NOTIFICATION } from '../contract/notification-test.ts';
import {
  COUNT_BLOCK_DOCUMENTS,
  CREATE_BLOCK_DOCUMENT,
  DELETE_BLOCK_DOCUMENT,
  LIST_BLOCK_DOCUMENTS,
  LIST_BLOCK_DOCUMENTS_OF_TYPE,
  READ_BLOCK_DOCUMENT,
  READ_BLOCK_DOCUMENT_BY_NAME,
  UPDATE_BLOCK_DOCUMENT,
} from '../contract/routes/blocks.ts';
import type { BlockDocumentId, BlockSchemaId, BlockTypeId } from '../core/ids.ts';
import { allOf, type Condition } from '../core/query.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { schemaConditions } from './block-types.ts';
import { InvalidBody } from './failures.ts';
import { created, found, NO_CONTENT, ok, operation, type Operation } from './operation.ts';
import { queryOf } from './lists.ts';

const WHAT = 'Block document';
type JsonRecord = Readonly<Record<string, unknown>>;
type FilterBody = Parameters<typeof blockDocumentFilter.condition>[0] | null | undefined;
interface Filters {
  readonly block_documents?: FilterBody;
  readonly block_types?: FilterBody;
  readonly block_schemas?: FilterBody;
}

export function blockDocumentOperations(useCases: UseCases): readonly Operation[] {
  return [...writing(useCases), ...reading(useCases), testing(useCases)];
}

const TEST = { subject: 'Test of a notification', body: 'If you read this, the channel works.' };

function testing(useCases: UseCases): Operation {
  return operation(TEST_NOTIFICATION, async ({ params, body }) => {
    const said = { subject: body.subject ?? TEST.subject, body: body.body ?? TEST.body };
    const tested = found(await useCases.testNotification(params['id'] as BlockDocumentId, said), WHAT);
    const { outcome, receipt, afterSeconds } = tested;
    return ok({ outcome, receipt, retry_after_seconds: afterSeconds });
  });
}

function writing(useCases: UseCases): readonly Operation[] {
  return [
    operation(CREATE_BLOCK_DOCUMENT, async ({ body, exact }) => {
      const isAnonymous = body.is_anonymous ?? false;
      if (!body.name && !isAnonymous) throw new InvalidBody([], 'Names must be provided for block documents.', body);
      const view = await useCases.createBlockDocument({
        blockTypeId: body.block_type_id.toLowerCase() as BlockTypeId,
        blockSchemaId: body.block_schema_id.toLowerCase() as BlockSchemaId,
        name: body.name || null,
        isAnonymous,
        data: (exact['data'] ?? {}) as JsonRecord,
      });
      return created(encodeBlockDocument(view));
    }),
    operation(UPDATE_BLOCK_DOCUMENT, async ({ params, body, exact }) => {
      const isThere = await useCases.updateBlockDocument(params['id'] as BlockDocumentId, {
        blockSchemaId: (body.block_schema_id?.toLowerCase() ?? undefined) as BlockSchemaId | undefined,
        data: body.data ? (exact['data'] as JsonRecord) : undefined,
        mergeExistingData: body.merge_existing_data ?? true,
      });
      found(isThere ? params : null, WHAT);
      return NO_CONTENT;
    }),
    operation(DELETE_BLOCK_DOCUMENT, async ({ params }) => {
      found((await useCases.deleteBlockDocument(params['id'] as BlockDocumentId)) ? params : null, WHAT);
      return NO_CONTENT;
    }),
  ];
}

function reading(useCases: UseCases): readonly Operation[] {
  return [
    operation(READ_BLOCK_DOCUMENT, async ({ params, query }) =>
      ok(
        encodeBlockDocument(
          found(
            await useCases.readBlockDocument(params['id'] as BlockDocumentId, query.include_secrets ?? false),
            WHAT,
          ),
        ),
      ),
    ),
    operation(READ_BLOCK_DOCUMENT_BY_NAME, async ({ params, query }) => {
      const view = await useCases.readBlockDocumentByName(
        params['slug'] as string,
        params['block_document_name'] as string,
        query.include_secrets ?? false,
      );
      return ok(encodeBlockDocument(found(view, WHAT)));
    }),
    operation(LIST_BLOCK_DOCUMENTS_OF_TYPE, async ({ params, query }) => {
      const type = found(await useCases.readBlockType({ slug: params['slug'] as string }), 'Block type');
      const where = allOf([NAMED_BLOCKS, { op: 'eq', field: 'blockTypeId', value: type.id }]);
      const views = await useCases.findBlockDocuments(
        queryOf(where, blockDocumentSorts.of(null), {}),
        query.include_secrets ?? false,
      );
      return ok(views.map(encodeBlockDocument));
    }),
    operation(LIST_BLOCK_DOCUMENTS, async ({ body }) => {
      const query = queryOf(conditionOf(body), blockDocumentSorts.of(body.sort), body);
      return ok((await useCases.findBlockDocuments(query, body.include_secrets ?? false)).map(encodeBlockDocument));
    }),
    operation(COUNT_BLOCK_DOCUMENTS, async ({ body }) => ok(await useCases.count('block_document', conditionOf(body)))),
  ];
}

function conditionOf({ block_documents, block_types, block_schemas }: Filters): Condition {
  return allOf([
    block_documents ? blockDocumentFilter.condition(block_documents) : NAMED_BLOCKS,
    ...schemaConditions(block_types, block_schemas),
  ]);
}
