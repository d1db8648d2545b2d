// Runs the notebook that `qitools explore` opened, once, when it is first shown: the analyst begins with the explorer
// and not with empty cells. Only a copy that says so in its metadata is run, and not again when the page is reloaded.
(() => {
  const COMMAND = "notebook:run-all-cells";

  async function run(app) {
    await app.restored;
    const seen = app.shell.currentChanged;
    const begin = async () => {
      const panel = app.shell.currentWidget;
      if (!panel?.context || !panel.sessionContext) return;
      await panel.context.ready;
      const about = panel.content?.model?.getMetadata?.("qitools");
      if (!about?.run || sessionStorage.getItem(about.run)) return;
      sessionStorage.setItem(about.run, "begun");
      seen?.disconnect(begin);
      await panel.sessionContext.ready;
      app.commands.execute(COMMAND);
      panel.content.activeCellIndex = 0; // running leaves the reader at the last cell
      panel.content.scrollToItem?.(0);
    };
    seen?.connect(begin);
    begin();
  }

  const plugin = { id: "qitools:run", autoStart: true, activate: (app) => { run(app); } };
  // What JupyterLab asks of an extension: this one shares no module with it.
  (window._JUPYTERLAB ??= {}).qitools = { init: () => {}, get: async () => () => ({ __esModule: true, default: plugin }) };
})();
