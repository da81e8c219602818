using System.CommandLine;

var root = new RootCommand("Keywright looks after a device's keys from the wafer to the field.");
return root.Parse(args).Invoke();
