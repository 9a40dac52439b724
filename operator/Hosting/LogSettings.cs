using System.Text;

namespace MailOperator.Hosting;

/// <summary>
/// A JSON file whose settings of logging count from the moment that they are written: it is read again every few
/// seconds, because a ConfigMap is a link that is turned, which watches of files miss. What cannot be read or is not a
/// level is ignored as a whole. .NET's own file source would end the process.
/// </summary>
internal sealed class LogSettings(string file, TimeProvider clock)
    : ConfigurationProvider, IConfigurationSource, IDisposable
{
    /// <summary>Names the file.</summary>
    public const string Setting = "Logging:File";

    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private string? _text;
    private ITimer? _timer;

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    public override void Load()
    {
        Read();
        _timer ??= clock.CreateTimer(
            static self =>
            {
                if (((LogSettings)self!).Read())
                {
                    ((LogSettings)self).OnReload();
                }
            },
            this, Interval, Interval);
    }

    public void Dispose() => _timer?.Dispose();

    private bool Read()
    {
        try
        {
            string text = File.ReadAllText(file);
            if (text == _text)
            {
                return false;
            }

            _text = text;
            using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
            KeyValuePair<string, string?>[] settings =
            [
                .. new ConfigurationBuilder().AddJsonStream(stream).Build().AsEnumerable()
                    .Where(static setting => setting.Value is not null
                        && setting.Key.StartsWith("Logging:", StringComparison.OrdinalIgnoreCase)),
            ];
            if (!settings.All(IsUsable))
            {
                return false;
            }

            Data = settings.ToDictionary(StringComparer.OrdinalIgnoreCase);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException
            or System.Text.Json.JsonException or FormatException)
        {
            return false;
        }
    }

    private static bool IsUsable(KeyValuePair<string, string?> setting) =>
        !setting.Key.Contains("LogLevel:", StringComparison.OrdinalIgnoreCase)
        || (Enum.TryParse(setting.Value, ignoreCase: true, out LogLevel level) && Enum.IsDefined(level));
}
