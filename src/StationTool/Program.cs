using System.CommandLine;
using Keywright.CommandLine;
using Keywright.StationTool;

var root = new RootCommand(
    "The factory's tool: provisions the chips of a lot under a signed order, offline. It carries packages and cannot open them.");
root.Options.Add(Session.Json);
LotCommands.AddTo(root);
return await Host.RunAsync(root, args);
