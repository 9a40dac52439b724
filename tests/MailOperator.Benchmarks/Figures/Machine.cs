using System.Globalization;
using System.Runtime.InteropServices;

namespace MailOperator.Benchmarks.Figures;

/// <summary>When and on what a run measured.</summary>
/// <param name="Date">The day, as in 2026-12-01.</param>
/// <param name="Cores">All that there are.</param>
/// <param name="MemoryGiB">Memory of the machine.</param>
/// <param name="System">The operating system.</param>
/// <param name="DotNet">The runtime.</param>
/// <param name="ApiServer">The version of the API server.</param>
/// <param name="BusyPercent">How busy the cores were before it began.</param>
internal sealed record Machine(
    string Date, int Cores, double MemoryGiB, string System, string DotNet, string ApiServer, double BusyPercent)
{
    /// <summary>For people. The cores are busy with servers that idle, and with other work.</summary>
    public string Text =>
        $"{Date}, {Cores} cores, {MemoryGiB.ToString("0", CultureInfo.InvariantCulture)} GiB, {System}, {DotNet}, "
        + $"API server {ApiServer}. Everything runs on these cores, which were "
        + FormattableString.Invariant($"{BusyPercent:0} % busy before it began.");

    /// <param name="now">The time of the run.</param>
    /// <param name="apiServer">The version of the API server.</param>
    /// <param name="busyPercent">How busy the cores were before it began.</param>
    public static Machine Here(DateTimeOffset now, string apiServer, double busyPercent) => new(
        now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        Environment.ProcessorCount,
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1 << 30),
        OsName(File.ReadAllLines("/etc/os-release")),
        RuntimeInformation.FrameworkDescription,
        apiServer,
        busyPercent);

    internal static string OsName(IEnumerable<string> release) =>
        release.FirstOrDefault(static line => line.StartsWith("PRETTY_NAME=", StringComparison.Ordinal)) is { } line
            ? line["PRETTY_NAME=".Length..].Trim('"')
            : RuntimeInformation.OSDescription;
}
