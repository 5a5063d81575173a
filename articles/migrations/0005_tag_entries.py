from django.db import migrations

# One statement for all articles, which both databases understand.
ENTER = """
INSERT INTO articles_tagentry (tag_id, article_id, go_live_at, expire_at)
SELECT tagged.tag_id, article.id, article.go_live_at, article.expire_at
FROM articles_article article
JOIN taggit_taggeditem tagged ON tagged.object_id = article.id
JOIN django_content_type type ON type.id = tagged.content_type_id
WHERE type.app_label = 'articles' AND type.model = 'article'
AND article.status = 'published' AND article.deleted_at IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0004_lists"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.RunSQL(ENTER, "DELETE FROM articles_tagentry"),
        # The rankings are empty now: whoever asks next has them made.
        migrations.RunSQL("DELETE FROM articles_ranking", migrations.RunSQL.noop),
    ]
