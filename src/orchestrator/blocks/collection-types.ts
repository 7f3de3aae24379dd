/**
 * The block types of Prefect's libraries, so that they are listed before a client has used one. Their schemas do not
 * come with the server: the library that a client has installed registers them.
 */

interface CollectionBlockType {
  readonly slug: string;
  readonly name: string;
  readonly description: string;
}

const NAMES_BY_LIBRARY: Readonly<Record<string, readonly string[]>> = {
  'prefect-aws': ['AWS Credentials', 'AWS Secret', 'Lambda Function', 'MinIO Credentials', 'S3 Bucket'],
  'prefect-azure': [
    'Azure Blob Storage Container',
    'Azure Blob Storage Credentials',
    'Azure Container Instance Credentials',
    'Azure Cosmos DB Credentials',
    'AzureML Credentials',
  ],
  'prefect-bitbucket': ['BitBucket Credentials', 'BitBucket Repository'],
  'prefect-databricks': ['Databricks Credentials'],
  'prefect-dbt': [
    'dbt CLI BigQuery Target Configs',
    'dbt CLI Global Configs',
    'dbt CLI Postgres Target Configs',
    'dbt CLI Profile',
    'dbt CLI Snowflake Target Configs',
    'dbt CLI Target Configs',
    'dbt Cloud Credentials',
    'dbt Core Operation',
  ],
  'prefect-docker': ['Docker Host', 'Docker Registry Credentials'],
  'prefect-email': ['Email Server Credentials'],
  'prefect-gcp': ['BigQuery Warehouse', 'GCP Credentials', 'GCS Bucket', 'GcpSecret'],
  'prefect-github': ['GitHub Credentials', 'GitHub Repository'],
  'prefect-gitlab': ['GitLab Credentials', 'GitLab Repository'],
  'prefect-kubernetes': ['Kubernetes Cluster Config', 'Kubernetes Credentials'],
  'prefect-shell': ['Shell Operation'],
  'prefect-slack': ['Slack Credentials'],
  'prefect-snowflake': ['Snowflake Connector', 'Snowflake Credentials'],
  'prefect-sqlalchemy': ['Database Credentials', 'SQLAlchemy Connector'],
};

export const COLLECTION_BLOCK_TYPES: readonly CollectionBlockType[] = Object.entries(NAMES_BY_LIBRARY).flatMap(
  ([library, names]) =>
    names.map((name) => ({
      slug: name.toLowerCase().replaceAll(' ', '-'),
      name,
      description: `Of the library ${library}: \`pip install ${library}\`, then \`prefect block register -m ${library.replace('-', '_')}\`.`,
    })),
);
