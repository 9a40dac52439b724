using System.Diagnostics;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Bed;

/// <summary>Runs a program and waits for its exit.</summary>
internal static class Shell
{
    public static async Task<(int ExitCode, string Output, string Errors)> TryAsync(
        string program,
        string[] arguments,
        string? input = null,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Repository.Root,
        };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input ?? "");
        process.StandardInput.Close();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await errors);
    }

    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        (int exitCode, string output, string errors) = await TryAsync(program, arguments);
        return exitCode == 0
            ? output
            : throw new InvalidOperationException(
                $"{program} {string.Join(' ', arguments)} ended with {exitCode}: {errors}");
    }
}
