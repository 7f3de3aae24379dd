/**
 * `npm run dev -w ui` serves the pages with the API of a running server behind them; `OSTINATO_UI_API` says which. To
 * that server they are its own pages: others it does not answer.
 */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const api = process.env['OSTINATO_UI_API'] ?? 'http://127.0.0.1:4200';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  server: {
    host: '127.0.0.1',
    proxy: { '/api': { target: api, ws: true, changeOrigin: true, headers: { origin: new URL(api).origin } } },
  },
  build: {
    outDir: 'dist',
    // Every browser that has what the pages use: subgrid, :has(), light-dark(), JSON.parse with source text.
    target: ['chrome123', 'firefox135', 'safari18.4'],
    sourcemap: false,
    // The notices of the packages that are in the pages.
    license: { fileName: 'licenses.txt' },
    rolldownOptions: {
      output: {
        // Few files: with each come half a thousand bytes of headers. What seldom changes is one, which browsers keep
        // when the rest does. What only parts share that are looked at later stays with these.
        codeSplitting: {
          groups: [
            {
              name: 'libraries',
              test: /node_modules[\\/](?:react|react-dom|scheduler|use-sync-external-store|@tanstack[\\/](?!react-virtual|virtual-core|.*nfiniteQuery(?:Observer)?\.))/,
              priority: 5,
            },
            {
              name: 'parts',
              test: /ui[\\/](?:api[\\/](?!run-actions|artifacts|flows|deployments|work-pools|automations|event-feed)|components[\\/](?!json-|list-page|pager|picture|histogram|time-bars)|features[\\/](?:states[\\/](?!state-history)|flow-runs[\\/](?!run-row|live-runs|buckets|.*\.css$)|places[\\/]))/,
              minShareCount: 2,
              priority: 4,
            },
            // A group has all that its modules need: what others need, too, is put before it.
            { name: 'json-view', test: /ui[\\/]components[\\/]json-view/, priority: 3 },
            {
              name: 'histogram',
              test: /ui[\\/](?:components[\\/](?:histogram|time-bars)|features[\\/]flow-runs[\\/]buckets)/,
              minShareCount: 2,
              priority: 3,
            },
            // What the pages of lists and of what can be changed share: the page of a run has none of it.
            {
              name: 'lists',
              test: /ui[\\/](?:components[\\/]pager|api[\\/]event-feed|features[\\/](?:live[\\/]|events[\\/]resource-|recent-runs[\\/]|run-actions[\\/](?:deletion-dialog|dialog-parts|run-actions\.css)))/,
              minShareCount: 2,
              priority: 2,
            },
            {
              name: 'automations',
              includeDependenciesRecursively: false,
              test: /ui[\\/](?:api[\\/]automations|features[\\/](?:automations[\\/](?!automation-(?:text|search)|rule-(?:page|form|text|problem)|back-test|trigger-|action-|lines-)))/,
              priority: 1,
            },
          ],
        },
      },
    },
  },
});
