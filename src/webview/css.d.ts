/** These are style sheets of the page itself; the bundler writes them beside the script. */
declare module '*.css';
