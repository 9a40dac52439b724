using System.Collections.Concurrent;

namespace MailOperator.IntegrationTests.Bed;

/// <summary>
/// The secrets of persons in this run, which must not be in any log: passwords and the tokens of links.
/// </summary>
internal static class PersonalSecrets
{
    private static readonly ConcurrentDictionary<string, byte> NotedPasswords = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, byte> NotedTokens = new(StringComparer.Ordinal);

    public static IReadOnlyCollection<string> Passwords => [.. NotedPasswords.Keys];

    public static IReadOnlyCollection<string> Tokens => [.. NotedTokens.Keys];

    /// <summary>Returns the password.</summary>
    public static string NotePassword(string password)
    {
        NotedPasswords.TryAdd(password, 0);
        return password;
    }

    /// <summary>Returns the token.</summary>
    public static string NoteToken(string token)
    {
        NotedTokens.TryAdd(token, 0);
        return token;
    }
}
