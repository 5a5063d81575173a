DROP TABLE IF EXISTS `dede_archives`;
CREATE TABLE `dede_archives` (
  `id` mediumint(8) unsigned NOT NULL DEFAULT '0',
  `typeid` smallint(5) unsigned NOT NULL DEFAULT '0',
  `flag` set('c','h','p','f','s','j','a','b') DEFAULT NULL,
  `ismake` smallint(6) NOT NULL DEFAULT '0',
  `channel` smallint(6) NOT NULL DEFAULT '1',
  `arcrank` smallint(6) NOT NULL DEFAULT '0',
  `click` mediumint(8) unsigned NOT NULL DEFAULT '0',
  `money` smallint(6) NOT NULL DEFAULT '0',
  `title` char(60) NOT NULL DEFAULT '',
  `writer` char(20) NOT NULL DEFAULT '',
  `source` char(30) NOT NULL DEFAULT '',
  `litpic` char(100) NOT NULL DEFAULT '',
  `pubdate` int(10) unsigned NOT NULL DEFAULT '0',
  `senddate` int(10) unsigned NOT NULL DEFAULT '0',
  `keywords` char(30) NOT NULL DEFAULT '',
  `description` varchar(255) NOT NULL DEFAULT '',
  `filename` varchar(40) NOT NULL DEFAULT '',
  PRIMARY KEY (`id`),
  KEY `mainindex` (`arcrank`,`typeid`,`channel`,`flag`)
) ENGINE=MyISAM DEFAULT CHARSET=gbk;
DROP TABLE IF EXISTS `dede_addonarticle`;
CREATE TABLE `dede_addonarticle` (
  `aid` mediumint(8) unsigned NOT NULL DEFAULT '0',
  `typeid` smallint(5) unsigned NOT NULL DEFAULT '0',
  `body` mediumtext,
  `redirecturl` varchar(255) NOT NULL DEFAULT '',
  `templet` varchar(30) NOT NULL DEFAULT '',
  `userip` char(15) NOT NULL DEFAULT '',
  PRIMARY KEY (`aid`)
) ENGINE=MyISAM DEFAULT CHARSET=gbk;
DROP TABLE IF EXISTS `dede_arctype`;
CREATE TABLE `dede_arctype` (
  `id` smallint(5) unsigned NOT NULL AUTO_INCREMENT,
  `reid` smallint(5) unsigned NOT NULL DEFAULT '0',
  `typename` char(30) NOT NULL DEFAULT '',
  `typedir` char(60) NOT NULL DEFAULT '',
  `defaultname` char(15) NOT NULL DEFAULT 'index.html',
  `ispart` smallint(6) NOT NULL DEFAULT '0',
  `namerule` char(50) NOT NULL DEFAULT '',
  `namerule2` char(50) NOT NULL DEFAULT '',
  `description` char(150) NOT NULL DEFAULT '',
  `seotitle` varchar(80) NOT NULL DEFAULT '',
  `content` text,
  PRIMARY KEY (`id`)
) ENGINE=MyISAM DEFAULT CHARSET=gbk;
DROP TABLE IF EXISTS `dede_channeltype`;
CREATE TABLE `dede_channeltype` (`id` smallint(6) NOT NULL DEFAULT '0', `nid` varchar(20) NOT NULL DEFAULT '', `typename` varchar(30) NOT NULL DEFAULT '', PRIMARY KEY (`id`)) ENGINE=MyISAM;
DROP TABLE IF EXISTS `dede_sgpage`;
CREATE TABLE `dede_sgpage` (`aid` smallint(5) unsigned NOT NULL AUTO_INCREMENT, `title` varchar(60) NOT NULL DEFAULT '', `filename` varchar(60) NOT NULL DEFAULT '', `description` varchar(250) NOT NULL DEFAULT '', `uptime` int(10) unsigned NOT NULL DEFAULT '0', `body` mediumtext, PRIMARY KEY (`aid`)) ENGINE=MyISAM;
DROP TABLE IF EXISTS `dede_sysconfig`;
CREATE TABLE `dede_sysconfig` (`aid` smallint(8) unsigned NOT NULL DEFAULT '0', `varname` varchar(20) NOT NULL DEFAULT '', `value` text, PRIMARY KEY (`varname`)) ENGINE=MyISAM;
DROP TABLE IF EXISTS `dede_taglist`;
CREATE TABLE `dede_taglist` (`tid` int(10) unsigned NOT NULL DEFAULT '0', `aid` int(10) unsigned NOT NULL DEFAULT '0', `tag` varchar(12) NOT NULL DEFAULT '', PRIMARY KEY (`tid`,`aid`)) ENGINE=MyISAM;
