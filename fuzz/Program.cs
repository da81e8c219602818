using System.CommandLine;
using Keywright.Fuzz;

return FuzzCommand.Make().Parse(args).Invoke();
