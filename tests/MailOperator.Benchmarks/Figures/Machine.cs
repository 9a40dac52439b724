using System.Globalization;
using System.Runtime.InteropServices;

namespace MailOperator.Benchmarks.Figures;

/// <summary>When and on what a run measured.</summary>
internal sealed record Machine(
    string Date, int Cores, double MemoryGiB, string System, string DotNet, string ApiServer)
{
    public string Text =>
        $"{Date}, {Cores} cores, {MemoryGiB.ToString("0", CultureInfo.InvariantCulture)} GiB, {System}, {DotNet}, "
        + $"API server {ApiServer}. Everything runs on these cores.";

    /// <param name="now">The time of the run.</param>
    /// <param name="apiServer">The version of the API server.</param>
    public static Machine Here(DateTimeOffset now, string apiServer) => new(
        now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        Environment.ProcessorCount,
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1 << 30),
        OsName(File.ReadAllLines("/etc/os-release")),
        RuntimeInformation.FrameworkDescription,
        apiServer);

    internal static string OsName(IEnumerable<string> release) =>
        release.FirstOrDefault(static line => line.StartsWith("PRETTY_NAME=", StringComparison.Ordinal)) is { } line
            ? line["PRETTY_NAME=".Length..].Trim('"')
            : RuntimeInformation.OSDescription;
}
