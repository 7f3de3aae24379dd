// See components/theme.ts.
try {
  const theme = localStorage.getItem('ostinato.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // As the system is.
}
