import { PANE_KINDS } from './panes/pane-kinds.ts';
import { startPage } from './start-page.ts';

startPage(PANE_KINDS);
