using System.Diagnostics;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Bed;

/// <summary>
/// The program under test: in the folder that OPERATOR names, as the image holds it, or else what was built.
/// </summary>
internal static class OperatorProgram
{
    private static string Configuration =>
        AppContext.BaseDirectory.Contains("/Debug/", StringComparison.Ordinal) ? "Debug" : "Release";

    /// <summary>The command that starts a role.</summary>
    /// <param name="role"><c>operator</c> or <c>portal</c>.</param>
    public static string[] Command(string role) =>
        Environment.GetEnvironmentVariable("OPERATOR") is { Length: > 0 } folder
            ? [Path.Combine(Path.GetFullPath(folder), "MailOperator"), role]
            : ["dotnet", Repository.Path("operator", "bin", Configuration, "net10.0", "MailOperator.dll"), role];

    public static ProcessStartInfo Start(string role)
    {
        string[] command = Command(role);
        return new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
    }
}
