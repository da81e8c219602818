using System.CommandLine;
using Keywright.Bench;

var rounds = new Option<int>("--rounds") { Description = "Rounds in which ours and the peer take turns; the median counts.", DefaultValueFactory = _ => 5 };
var only = new Option<string>("--only") { Description = "Only rows whose name has this text.", DefaultValueFactory = _ => "" };
var markdown = new Option<bool>("--markdown") { Description = "Writes the table as docs/benchmarks.md has it." };
var command = new RootCommand("Measures Keywright beside OpenSSL, in turns on one core.") { rounds, only, markdown };
command.SetAction(parsed =>
    BenchCommand.Run(parsed.GetValue(rounds), parsed.GetValue(only)!, parsed.GetValue(markdown)));

var memory = new Command("pass-a-gibibyte", "Passes 1 GiB through sealer and opener and prints this process's peak of memory.");
memory.SetAction(_ => OneGibibyte.Pass());
command.Subcommands.Add(memory);
command.Subcommands.Add(LotCommand.Create());
command.Subcommands.Add(LineCommand.Create());
return command.Parse(args).Invoke();
