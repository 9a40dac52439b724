namespace MailOperator.Tests;

/// <summary>The checkout from which the tests were built.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Path(params string[] segments) =>
        System.IO.Path.Combine([Root, .. segments]);

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "MailOperator.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"There is no MailOperator.sln in or above {AppContext.BaseDirectory}.");
    }
}
