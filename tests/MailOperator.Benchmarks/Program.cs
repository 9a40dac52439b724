using System.Diagnostics;
using MailOperator.Benchmarks;
using MailOperator.Benchmarks.Bed;
using MailOperator.Benchmarks.Figures;
using MailOperator.Tests;

Part[] all = PartList.All;
Part[] chosen = PartList.Choose(Environment.GetEnvironmentVariable("PART"));
bool isToWrite = Environment.GetEnvironmentVariable("WRITE") is "1";
if (isToWrite && (chosen.Length < all.Length || !Scale.IsWhole))
{
    Console.Error.WriteLine("WRITE=1 writes docs/figures.md from a whole run: leave PART and SCALE out.");
    return 2;
}

var results = new Results();
double busy = await MachineFigures.BusyPercentAsync(TimeSpan.FromSeconds(3));
await using Bench bench = await Bench.StartAsync();
foreach (Part part in chosen)
{
    long start = Stopwatch.GetTimestamp();
    string why = "the part ended without it";
    try
    {
        await part.MeasureAsync(bench, new Measurements(part.Name, results));
    }
    catch (Exception e)
    {
        why = e.Message;
        Console.Error.WriteLine($"{part.Name}: {e}");
    }

    results.Complete(part.Name, part.Figures, why);
    Console.Error.WriteLine($"bench: {part.Name} took {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s");
}

var machine = Machine.Here(TimeProvider.System.GetUtcNow(), await bench.ServerVersionAsync(), busy);
string table = $"{machine.Text}\n\n{MarkdownTable.Of(results.Rows)}";
Console.WriteLine(table);
string folder = Directory.CreateDirectory(Repository.Path("artifacts", "bench")).FullName;
File.WriteAllText(Path.Combine(folder, "results.json"), ResultsJson.Of(machine, results.Rows));
File.WriteAllText(Path.Combine(folder, "results.md"), table);
Pictures.Write(results.Plots, folder);
if (isToWrite)
{
    string page = Repository.Path("docs", "figures.md");
    Pictures.Write(results.Plots, Repository.Path("docs", "pictures"));
    File.WriteAllText(
        page, MarkedText.Replace(File.ReadAllText(page), $"{table}\n{Pictures.Markdown(results.Plots)}"));
}

return results.AllMet ? 0 : 1;
