using System.Diagnostics;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Bed;

/// <summary>
/// The program under test: what the folder in OPERATOR holds, as the image does, or what was built. Tests start it some
/// hundred times, and what is compiled ahead of time starts with a third of the computing.
/// </summary>
internal static class OperatorProgram
{
    private static string Configuration =>
        AppContext.BaseDirectory.Contains("/Debug/", StringComparison.Ordinal) ? "Debug" : "Release";

    /// <summary>The folder with MailOperator.dll.</summary>
    public static string Folder => Environment.GetEnvironmentVariable("OPERATOR") is { Length: > 0 } folder
        ? Path.GetFullPath(folder)
        : Repository.Path("operator", "bin", Configuration, "net10.0");

    /// <summary>The command that starts a role; it may have been published with its own runtime or without.</summary>
    /// <param name="role"><c>operator</c> or <c>portal</c>.</param>
    public static string[] Command(string role) =>
        Path.Combine(Folder, "MailOperator") is var native && File.Exists(native)
            ? [native, role]
            : ["dotnet", Path.Combine(Folder, "MailOperator.dll"), role];

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
