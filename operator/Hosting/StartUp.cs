using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace MailOperator.Hosting;

/// <summary>
/// Runs a role. What keeps it from starting is one line on standard error and exit code 1: who reads it is about to
/// correct a setting, and a stack trace or a core dump does not say which.
/// </summary>
internal sealed class StartUp(TextWriter errors)
{
    public const int FailedExitCode = 1;

    // It logs why a host does not start, with a stack.
    private const string Host = "Microsoft.Extensions.Hosting.Internal.Host";

    private bool _isRunning;

    /// <summary>Runs the role until it is told to stop. Returns the process' exit code.</summary>
    /// <param name="prefix">Of its environment variables.</param>
    /// <param name="settings">Its arguments, <c>--Name=value</c>.</param>
    /// <param name="compose">Registers its services, and maps its endpoints when they are built.</param>
    /// <typeparam name="TOptions">Its settings.</typeparam>
    public static Task<int> RunAsync<TOptions>(
        string prefix, string[] settings, Func<WebApplicationBuilder, Action<WebApplication>> compose)
        where TOptions : class => new StartUp(Console.Error).TryRunAsync<TOptions>(prefix, settings, compose);

    /// <summary>What is wrong, in one line.</summary>
    internal static string Sentence(Exception problem) => problem switch
    {
        OptionsValidationException invalid => string.Join(' ', invalid.Failures.Select(SettingsCheck.Sentence)),
        IOException { InnerException: AddressInUseException } =>
            $"{problem.Message} Does another process use the port? ListenUrl and ManagementUrl may name another.",
        _ => problem.GetBaseException().Message,
    };

    internal async Task<int> TryRunAsync<TOptions>(
        string prefix, string[] settings, Func<WebApplicationBuilder, Action<WebApplication>> compose)
        where TOptions : class
    {
        try
        {
            WebApplicationBuilder builder = RoleBuilder.Create(prefix, settings);
            SettingsCheck.Demand<TOptions>(prefix, settings, builder.Configuration);
            builder.Logging.AddFilter(Host, _ => _isRunning);
            Action<WebApplication> map = compose(builder);
            await using WebApplication app = builder.Build();
            app.Services.GetRequiredService<IStartupValidator>().Validate(); // before anything uses them
            map(app);
            await app.StartAsync();
            _isRunning = true;
            await app.WaitForShutdownAsync();
            return 0;
        }
#pragma warning disable CA1031 // whatever it is, it is said in one line
        catch (Exception problem) when (!_isRunning)
#pragma warning restore CA1031
        {
            await errors.WriteLineAsync($"Cannot start: {OneLine(Sentence(problem))}");
            return FailedExitCode;
        }
    }

    private static string OneLine(string text) => string.Join(
        ' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
