// Stands for Reflex's switch between light and dark: the pages follow the system (theme.css).
export function ThemeProvider({ children }) {
  return children;
}
