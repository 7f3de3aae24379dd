import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { watchServer } from './api/probe.ts';
import { queryClient } from './api/query-client.ts';
import { signInWithOtherTabs } from './api/sign-in.ts';
import { applyTheme } from './components/theme.ts';
import { router } from './routes/router.tsx';

import './styles/tokens.css';
import './styles/base.css';
import './styles/parts.css';
import './styles/states.css';

applyTheme();
watchServer();
signInWithOtherTabs();
const holder = document.querySelector('#root');
if (holder === null) throw new Error('index.html has no element #root');
createRoot(holder).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
